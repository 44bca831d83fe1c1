//! Closures: kept as syntax with the names that they see, and lowered in place where they are called.

use std::rc::Rc;

use super::binding::{Binding, Scope};
use super::body::Body;
use super::diag::Code;
use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::LocalId;
use crate::hir::{self, Span};

/// The number of a closure among [`super::state::Lowering::closures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClosureId(pub(super) usize);

/// Something that can be called: a closure, a function inside the function, the path of a function.
#[derive(Clone)]
pub(super) struct Closure<'a> {
    pub(super) code: Callable,
    /// What types and `return` mean where it is written.
    pub(super) body: Body<'a>,
    /// What names mean in it.
    pub(super) scopes: Rc<Vec<Scope>>,
    /// The names of what it has for its own and may change: each copy of it has that for its own.
    pub(super) owned: Vec<String>,
    /// Whether it is a reference to such a closure.
    pub(super) borrowed: bool,
    /// The types of its parameters, which are the same in all calls.
    pub(super) params: Vec<ITy>,
    pub(super) result: ITy,
}

#[derive(Clone)]
pub(super) enum Callable {
    Written(Rc<hir::ExprClosure>),
    Path(Rc<hir::ExprPath>),
    /// The path of a function that only rustc knows.
    Extern(Rc<hir::ExprPath>),
    Item(Rc<hir::ItemFn>),
}

impl<'a> Lowering<'a> {
    /// What stands for something that exists only while lowering.
    pub(super) fn placeholder(&mut self, ty: ITy, span: Span) -> ExprId {
        self.push_expr(ExprKind::Zeroed, ty, span)
    }

    pub(super) fn push_closure(&mut self, closure: Closure<'a>, span: Span) -> ExprId {
        let id = ClosureId(self.closures.len());
        self.closures.push(closure);
        self.placeholder(ITy::Closure(id), span)
    }

    /// `|a, b| body`.
    pub(super) fn lower_closure(&mut self, expr: &hir::ExprClosure) -> ExprId {
        let params = expr.inputs.iter().map(|_| self.infer.fresh()).collect();
        let mut scopes = self.scopes.clone();
        let owned = match expr.capture {
            Some(_) => self.copy_captured(expr, &mut scopes),
            None => Vec::new(),
        };
        let closure = Closure {
            code: Callable::Written(Rc::new(expr.clone())),
            body: self.current.clone(),
            scopes: Rc::new(scopes),
            owned,
            borrowed: false,
            params,
            result: self.infer.fresh(),
        };
        self.push_closure(closure, expr.span())
    }

    /// Lets the functions of a block see each other: they are the closures from this number on.
    pub(super) fn declare_local_fns(&mut self, first: usize) {
        let scopes = Rc::new(self.item_scopes());
        for closure in self.closures.iter_mut().skip(first) {
            if let Callable::Item(_) = closure.code {
                closure.scopes = Rc::clone(&scopes);
            }
        }
    }

    /// An argument that is to be called: a closure, a variable that holds one, the path of a function.
    pub(super) fn lower_callable(&mut self, expr: &hir::Expr) -> ExprId {
        match expr {
            hir::Expr::Paren(inner) => self.lower_callable(&inner.expr),
            hir::Expr::Group(inner) => self.lower_callable(&inner.expr),
            hir::Expr::Reference(inner) => match self.borrowed_callable(&inner.expr) {
                Some(borrowed) => borrowed,
                None => self.lower_callable(&inner.expr),
            },
            hir::Expr::Closure(closure) => self.lower_closure(closure),
            hir::Expr::Path(path) => {
                let bound = (path.path.get_ident()).and_then(|ident| self.lookup_binding(ident));
                if let Some(Binding::Alias(value)) = bound {
                    let value = self.copy_stable(value);
                    return self.copy_closure(value);
                }
                if bound.is_some() {
                    return self.lower_operand(expr);
                }
                self.lower_fn_path(path)
            }
            other => self.lower_operand(other),
        }
    }

    /// The path of a function as a value.
    pub(super) fn lower_fn_path(&mut self, path: &hir::ExprPath) -> ExprId {
        let closure = Closure {
            code: if self.is_free_fn(&path.path) {
                Callable::Extern(Rc::new(path.clone()))
            } else {
                Callable::Path(Rc::new(path.clone()))
            },
            body: self.current.clone(),
            scopes: Rc::new(Vec::new()),
            owned: Vec::new(),
            borrowed: false,
            params: Vec::new(),
            result: self.infer.fresh(),
        };
        self.push_closure(closure, path.span())
    }

    /// The closure that a name means, if it is one.
    pub(super) fn closure_named(&self, path: &hir::Path) -> Option<ClosureId> {
        let Binding::Alias(value) = self.lookup_binding(path.get_ident()?)? else {
            return None;
        };
        match self.infer.shallow(&self.ty_of(value)) {
            ITy::Closure(id) => Some(id),
            _ => None,
        }
    }

    /// Says what a closure's parameters and its result are.
    pub(super) fn declare_closure(
        &mut self,
        ClosureId(id): ClosureId,
        params: &[ITy],
        result: &ITy,
    ) {
        let Some(closure) = self.closures.get(id).cloned() else {
            return;
        };
        // rustc has found that they agree.
        for (param, ty) in closure.params.iter().zip(params) {
            let _ = self.infer.unify(param, ty);
        }
        let _ = self.infer.unify(&closure.result, result);
    }

    /// What a closure gives.
    pub(super) fn closure_result(&self, ClosureId(id): ClosureId) -> ITy {
        let closure = self.closures.get(id);
        closure.map_or(ITy::REPORTED, |closure| closure.result.clone())
    }

    /// Calls the value of an expression, whose type says what it is, with arguments that were lowered in order.
    pub(super) fn call_value(&mut self, callee: ExprId, args: Vec<ExprId>, span: Span) -> Value {
        let ty = self.ty_of(callee);
        match self.infer.shallow(&ty) {
            ITy::Closure(id) => self.call_closure(id, args, span),
            ITy::Fn(id) => self.call_fn(id, args, span),
            _ => {
                for arg in args {
                    self.drop_value(arg);
                }
                if !self.is_reported(&ty) {
                    self.refuse(span, "a call of this", "call a closure or a function");
                }
                Value::Expr(self.poison(span))
            }
        }
    }

    /// Lowers the body of a closure in place of its call.
    pub(super) fn call_closure(&mut self, id: ClosureId, args: Vec<ExprId>, span: Span) -> Value {
        let closure = self.closures[id.0].clone();
        if self.calling.contains(&id) {
            if let Callable::Item(item) = &closure.code
                && let Some(value) = self.call_again(&closure, item, &args, span)
            {
                return value;
            }
            self.refuse(
                span,
                "recursion of a generic function, or of a closure",
                "make it a jitted function of its own, or write it as a loop",
            );
            return Value::Expr(self.poison(span));
        }
        self.calling.push(id);
        let value = match &closure.code {
            Callable::Extern(path) => {
                let mut body = closure.body.clone();
                body.depth = self.current.depth;
                let scopes = self.scopes.clone();
                let name = super::paths::path_text(&path.path);
                let call = |this: &mut Self| this.call_extern(path.span(), &name, args, span);
                self.in_body(body, scopes, call).0
            }
            Callable::Path(path) => {
                // Names mean what they mean where the path stands.
                let mut body = closure.body.clone();
                body.depth = self.current.depth;
                let scopes = self.scopes.clone();
                let call = |this: &mut Self| this.call_path(path, args, span);
                self.in_body(body, scopes, call).0
            }
            Callable::Written(written) => {
                if written.inputs.len() != args.len() {
                    self.refuse_arity(written.inputs_begin, written.inputs.len(), args.len());
                }
                let output = written.output.as_deref();
                let inputs: Vec<_> = written.inputs.iter().map(|pat| (pat, None)).collect();
                self.inline(&closure, &inputs, output, args, span, |this| {
                    this.lower_expr(&written.body)
                })
            }
            Callable::Item(item) => self.call_local_fn(&closure, item, args, span),
        };
        self.calling.pop();
        value
    }

    pub(super) fn refuse_arity(&mut self, span: Span, expected: usize, found: usize) {
        self.diags.report(
            Code::Call,
            span,
            format!("this has {expected} parameters, and is called with {found} arguments"),
            "pass one argument for each parameter",
        );
    }

    pub(super) fn inline(
        &mut self,
        closure: &Closure<'a>,
        inputs: &[(&hir::Pat, Option<&hir::Type>)],
        output: Option<&hir::Type>,
        args: Vec<ExprId>,
        span: Span,
        body: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let result = closure.result.clone();
        let mut inner = closure.body.clone();
        inner.result = result.clone();
        let mut scopes = (*closure.scopes).clone();
        scopes.push(Scope::new());
        let outer_targets = std::mem::take(&mut self.targets);
        let value = self.lower_inline(inner, scopes, span, |this| {
            if let Some(output) = output
                && let Some(ty) = this.lower_ty(output)
            {
                this.expect_ty(&ty, &result, output.span());
            }
            for (index, (arg, (pat, ty))) in args.into_iter().zip(inputs).enumerate() {
                let written = match (ty, pat) {
                    (Some(ty), _) => this.lower_ty(ty),
                    (None, hir::Pat::Type(typed)) => this.lower_ty(&typed.ty),
                    _ => None,
                };
                let arg = match &written {
                    Some(ty) => this.coerce(arg, ty),
                    None => arg,
                };
                let ty = this.ty_of(arg);
                if let Some(param) = closure.params.get(index) {
                    this.agree(&ty, param, pat.span());
                }
                match pat {
                    hir::Pat::Type(typed) => this.bind_pat(&typed.pat, arg),
                    pat => this.bind_pat(pat, arg),
                }
            }
            let value = body(this);
            match value {
                Value::Expr(value) => {
                    let ty = this.ty_of(value);
                    let span = this.span_of(value);
                    this.agree(&ty, &result, span);
                }
                Value::Unit => this.agree(&ITy::Unit, &result, span),
                Value::Never => {}
            }
            value
        });
        self.targets = outer_targets;
        value
    }

    /// Makes types equal, except those that exist only while lowering, which differ in every call.
    pub(super) fn agree(&mut self, found: &ITy, expected: &ITy, span: Span) {
        if !self.is_compile_time(found) {
            self.expect_ty(found, expected, span);
        }
    }

    /// Whether something of this type exists only while lowering.
    pub(super) fn is_compile_time(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Closure(_) | ITy::Fn(_) | ITy::Iter(_) => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.is_compile_time(elem)),
            ITy::Option(some) => self.is_compile_time(&some),
            _ => false,
        }
    }

    /// Calls a function by its path.
    fn call_path(&mut self, path: &hir::ExprPath, args: Vec<ExprId>, span: Span) -> Value {
        let names: Vec<&str> = (path.path.segments.iter())
            .map(|segment| segment.ident.name.as_str())
            .collect();
        match (names.as_slice(), args.as_slice()) {
            (["Some"] | [.., "Option", "Some"], [value]) => {
                return Value::Expr(self.some(*value, span));
            }
            ([name @ ("Ok" | "Err")] | [.., "Result", name @ ("Ok" | "Err")], [value]) => {
                return Value::Expr(self.result(*name == "Ok", *value, span));
            }
            ([.., "char", "from"], [value]) => {
                let value = self.auto_deref(*value);
                self.expect_expr(value, &crate::ty::ScalarTy::U8.into());
                return Value::Expr(self.cast(value, ITy::Char, span));
            }
            (["drop"] | [.., "mem", "drop"], [value]) => {
                self.drop_value(*value);
                return Value::Unit;
            }
            ([.., "identity"], [value]) => return Value::Expr(*value),
            _ => {}
        }
        if self.is_constructor(path) {
            return Value::Expr(self.construct(&path.path, args, span));
        }
        Value::Expr(self.call_path_on(path, args, span))
    }

    /// Calls a numeric function by its path: `f64::max`, `f64::from`.
    fn call_path_on(&mut self, path: &hir::ExprPath, args: Vec<ExprId>, span: Span) -> ExprId {
        let at = path.span();
        let Some(last) = path.path.segments.last() else {
            return self.poison(span);
        };
        let name = last.ident.name.as_str();
        let owner = match &path.qself {
            Some(qself) => self.lower_ty(qself),
            None => self.path_owner(&path.path),
        };
        match (name, owner.clone(), args.as_slice()) {
            ("from", Some(owner @ ITy::Scalar(_)), [value]) => {
                let value = self.auto_deref(*value);
                self.checks.push(super::state::Check::Convert {
                    from: self.ty_of(value),
                    to: owner.clone(),
                    span: last.ident.span(),
                });
                return self.cast(value, owner, span);
            }
            ("partial_cmp" | "cmp" | "total_cmp", _, [a, b]) if path.path.segments.len() > 1 => {
                let (a, b) = (self.auto_deref(*a), self.auto_deref(*b));
                if let Some(owner) = &owner {
                    self.expect_expr(a, owner);
                }
                let ty = self.ty_of(a);
                self.expect_expr(b, &ty);
                return self.order(name, a, b, span);
            }
            ("clone", _, [value]) => return self.auto_deref(*value),
            _ => {}
        }
        let known = path.path.segments.len() > 1;
        if let Some(intrinsic) = crate::intrinsic::Intrinsic::from_name(name).filter(|_| known) {
            let args: Vec<_> = args.into_iter().map(|arg| self.auto_deref(arg)).collect();
            if args.len() == intrinsic.info().args.len() {
                let self_ty = match (owner, args.first()) {
                    (Some(owner), _) => owner,
                    (None, Some(first)) => self.ty_of(*first),
                    (None, None) => self.infer.fresh(),
                };
                return self.intrinsic_call_on(intrinsic, self_ty, at, args, span);
            }
        }
        self.diags.report(
            Code::Call,
            last.ident.span(),
            format!(
                "the function `{}` cannot be used as a value in `#[jit]`",
                super::paths::path_text(&path.path)
            ),
            "call it in a closure: `|x| f(x)`",
        );
        self.poison(span)
    }

    /// How many parameters a closure has.
    pub(super) fn closure_arity(&self, id: ClosureId) -> usize {
        match &self.closures[id.0].code {
            Callable::Written(written) => written.inputs.len(),
            Callable::Item(item) => item.sig.inputs.len(),
            Callable::Path(_) | Callable::Extern(_) => 1,
        }
    }

    /// The value of a place that is only a local.
    pub(super) fn loaded_local(&self, expr: ExprId) -> Option<LocalId> {
        match &self.exprs[expr].kind {
            ExprKind::Load(Place { local, projections }) if projections.is_empty() => Some(*local),
            _ => None,
        }
    }
}
