//! Sorts and selections of slices, which std itself does: where equal elements end up, how often a comparison runs, and what happens if it
//! contradicts itself is decided by its algorithm, which changes between releases.
//!
//! The expansion has a function that calls the method as the user wrote it, closures and all; it is a host function of the receiver, of the
//! arguments that are values, and of the variables that the closures name.

use super::binding::Binding;
use super::diag::Code;
use super::externs::Question;
use super::infer::ITy;
use super::place::Base;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::instance::{Extern, HostInfo, TypeInfo};
use crate::intrinsic::Intrinsic;

/// A variable that a closure names.
struct Capture {
    name: String,
    value: ExprId,
    /// The variable, if the closure changes it.
    changed: Option<LocalId>,
}

/// Whether a method of slices is one that std does.
pub(super) fn is_sort(name: &str, n_args: usize) -> bool {
    match name {
        "sort" | "sort_unstable" => n_args == 0,
        "sort_by"
        | "sort_by_key"
        | "sort_by_cached_key"
        | "sort_unstable_by"
        | "sort_unstable_by_key"
        | "select_nth_unstable" => n_args == 1,
        "select_nth_unstable_by" | "select_nth_unstable_by_key" => n_args == 2,
        _ => false,
    }
}

impl Lowering<'_> {
    /// Whether a call is one of such a method, as far as the type of the receiver tells.
    pub(super) fn is_sort_of(&mut self, call: &hir::ExprMethodCall, ty: &ITy) -> bool {
        if !is_sort(call.method.name.as_str(), call.args.len()) {
            return false;
        }
        match self.behind_refs(ty) {
            ITy::Slice { .. } | ITy::Array { .. } => true,
            // What a path names is no slice.
            unknown @ ITy::Unknown(_) => {
                self.context_is_open()
                    && !self.infer.is_reported(&unknown)
                    && !self.infer.is_named(&unknown)
            }
            _ => false,
        }
    }

    /// A call of such a method.
    pub(super) fn lower_sort(&mut self, call: &hir::ExprMethodCall, base: Base) -> Value {
        let span = call.span();
        let node = call.method.span();
        let (place, ty) = self.base_place(base);
        let place = self.fix_place(place, true, span);
        let (ITy::Slice { elem, .. } | ITy::Array { elem, .. }) = self.infer.shallow(&ty) else {
            // The closures are rustc's alone.
            let to = Box::new(ty);
            let receiver = ITy::Ref { to, mutable: true };
            let Some((args, captures)) = self.sort_operands(call) else {
                return Value::Expr(self.poison(span));
            };
            self.ask_sort(node, receiver, &args, &captures);
            return self.sort_result(call, None);
        };
        let receiver = self.whole_slice(place.clone(), (*elem).clone(), true, span);
        if self.context_is_open() {
            self.learn_from_closures(call, &elem);
        }
        let Some((args, captures)) = self.sort_operands(call) else {
            return Value::Expr(self.poison(span));
        };
        let index = args.iter().flatten().next().copied();
        let index = index.map(|index| {
            self.expect_expr(index, &ITy::USIZE);
            self.evaluate(index)
        });
        if self.context_is_open() {
            let receiver = self.ty_of(receiver);
            self.ask_sort(node, receiver, &args, &captures);
        } else {
            match self.answer(node) {
                Some(Extern::Host(info)) => {
                    let index = index.map(|index| self.copy_stable(index));
                    // What only rustc knew when it was asked is passed as the array that it is.
                    let receiver = match info.params.first() {
                        Some(TypeInfo::Ref { .. }) => {
                            let (to, at) = (Box::new(ty), self.copy_place(&place));
                            let ty = ITy::Ref { to, mutable: true };
                            self.push_expr(ExprKind::Borrow(at), ty, span)
                        }
                        _ => receiver,
                    };
                    self.call_sort(&info, receiver, index, captures, call);
                }
                Some(Extern::OutOfReach(fact)) => {
                    self.diags.report(
                        Code::Method,
                        node,
                        format!("compiled code cannot call `{}`: {fact}", call.method.name),
                        "sort slices of numbers, tuples, arrays and structs of these",
                    );
                }
                _ => self.refuse_callee(node, "this method"),
            }
        }
        self.sort_result(call, index.map(|index| (place, *elem, index)))
    }

    /// What the method returns: parts of the slice, of a selection.
    fn sort_result(
        &mut self,
        call: &hir::ExprMethodCall,
        selected: Option<(Place, ITy, ExprId)>,
    ) -> Value {
        let span = call.span();
        if call.method.name.starts_with("sort") {
            return Value::Unit;
        }
        let Some((place, elem, index)) = selected else {
            return Value::Expr(self.poison(span));
        };
        let slice = ITy::Slice {
            elem: Box::new(elem.clone()),
            mutable: true,
        };
        let part = |this: &mut Self, start: Option<ExprId>, end: Option<ExprId>| {
            let base = this.copy_place(&place);
            let kind = ExprKind::SubSlice {
                base,
                start,
                end,
                site: None,
            };
            this.push_expr(kind, slice.clone(), span)
        };
        let end = self.copy_stable(index);
        let before = part(self, None, Some(end));
        let (start, one) = (self.copy_stable(index), self.count(1, span));
        let start = self.unchecked(crate::expr::BinaryOp::Add, start, one, span);
        let behind = part(self, Some(start), None);
        let mut at = self.copy_place(&place);
        let index = self.copy_stable(index);
        at.projections.push(Projection::Index { index, site: None });
        let to = Box::new(elem);
        let ty = ITy::Ref { to, mutable: true };
        let at = self.push_expr(ExprKind::Borrow(at), ty.clone(), span);
        let ty = ITy::Tuple(vec![slice.clone(), ty, slice]);
        let parts = vec![before, at, behind];
        Value::Expr(self.push_expr(ExprKind::Tuple(parts), ty, span))
    }

    /// The arguments that are values, `None` for functions, and the variables that these name. `None`: reported.
    fn sort_operands(
        &mut self,
        call: &hir::ExprMethodCall,
    ) -> Option<(Vec<Option<ExprId>>, Vec<Capture>)> {
        let mut args = Vec::new();
        let mut captures: Vec<Capture> = Vec::new();
        let receiver = root_of(&call.receiver);
        for arg in &call.args {
            match super::expr::strip_groups(arg) {
                hir::Expr::Closure(closure) => {
                    self.capture_for(closure, receiver, &mut captures)?;
                    args.push(None);
                }
                hir::Expr::Path(path)
                    if path
                        .path
                        .get_ident()
                        .is_none_or(|name| self.spelled(name).is_none()) =>
                {
                    // A constant begins with a capital letter, and then it is a value.
                    let last = path.path.segments.last();
                    let is_value = last.is_some_and(|last| Self::is_item_name(&last.ident.name));
                    args.push(match is_value {
                        true => Some(self.lower_operand(arg)),
                        false => None,
                    });
                }
                _ => {
                    let value = match self.is_callable(arg) {
                        true => self.lower_callable(arg),
                        false => self.lower_operand(arg),
                    };
                    if self.is_compile_time(&self.ty_of(value)) {
                        self.diags.report(
                            Code::Method,
                            arg.span(),
                            format!(
                                "a function in a variable cannot be passed to `{}` in `#[jit]`",
                                call.method.name
                            ),
                            "write the closure in its place: std calls it, in code that rustc compiles",
                        );
                        return None;
                    }
                    args.push(Some(value));
                }
            }
        }
        Some((args, captures))
    }

    /// Adds the variables that a closure names.
    fn capture_for(
        &mut self,
        closure: &hir::ExprClosure,
        receiver: Option<&str>,
        captures: &mut Vec<Capture>,
    ) -> Option<()> {
        let mut own = Vec::new();
        for input in &closure.inputs {
            input.for_each_ident(&mut |pat| own.push(pat.ident.name.clone()));
        }
        let mut names = Vec::new();
        super::captures::for_each_name(&closure.body, &mut |ident| names.push(ident.clone()));
        for ident in names {
            let known = captures.iter().any(|capture| capture.name == ident.name);
            if known || own.contains(&ident.name) {
                continue;
            }
            let Some(binding) = self.lookup_binding(&ident) else {
                continue;
            };
            if receiver == Some(ident.name.as_str()) {
                self.diags.report(
                    Code::Method,
                    ident.span(),
                    format!(
                        "`{ident}` is sorted, and cannot be captured by the closure in `#[jit]`"
                    ),
                    "bind what the closure needs to a name of its own: `let keys = &self.keys;`",
                );
                return None;
            }
            let (value, changed) = match binding {
                Binding::Local(local) => {
                    let changes = self.locals[local].mutable
                        && self.locals[local].name == ident.name
                        && changes(&closure.body, &ident.name);
                    (
                        self.load_local(local, ident.span()),
                        changes.then_some(local),
                    )
                }
                Binding::Alias(value) => (self.copy_stable(value), None),
            };
            // What the closure changes is copied back afterwards, as a whole: what is sorted may be a part of it.
            if changed.is_some() && !self.is_numbers_or_open(&self.ty_of(value)) {
                self.diags.report(
                    Code::Method,
                    ident.span(),
                    format!("`{ident}` is changed by a closure that std calls, which in `#[jit]` only numbers may be"),
                    "bind the number that changes to a name of its own",
                );
                return None;
            }
            if self.is_compile_time(&self.ty_of(value)) {
                self.diags.report(
                    Code::Method,
                    ident.span(),
                    format!("`{ident}` cannot be captured here by a closure in `#[jit]`"),
                    "std calls the closure, in code that rustc compiles; write the body of the function out",
                );
                return None;
            }
            captures.push(Capture {
                name: ident.name.clone(),
                value,
                changed,
            });
        }
        Some(())
    }

    /// What the closures say of the types of variables, which is all that they are lowered for.
    fn learn_from_closures(&mut self, call: &hir::ExprMethodCall, elem: &ITy) {
        let n_params = match call.method.name.as_str() {
            name if name.ends_with("_key") => 1,
            _ => 2,
        };
        let span = call.span();
        for arg in &call.args {
            let hir::Expr::Closure(closure) = super::expr::strip_groups(arg) else {
                continue;
            };
            if closure.inputs.len() != n_params {
                continue;
            }
            self.in_vain(|this| {
                let params = (0..n_params)
                    .map(|_| {
                        let value = this.push_expr(ExprKind::Zeroed, elem.clone(), span);
                        this.hold(value)
                    })
                    .collect();
                let callee = this.lower_closure(closure);
                if let Value::Expr(order) = this.call_value(callee, params, span)
                    && n_params == 2
                {
                    this.expect_expr(order, &ITy::Ordering);
                }
            });
        }
    }

    fn ask_sort(
        &mut self,
        node: Span,
        receiver: ITy,
        args: &[Option<ExprId>],
        captures: &[Capture],
    ) {
        let question = Question::Std {
            receiver,
            args: (args.iter())
                .map(|arg| arg.map(|arg| self.ty_of(arg)))
                .collect(),
            captures: (captures.iter())
                .map(|capture| {
                    let ty = self.ty_of(capture.value);
                    (capture.name.clone(), ty, capture.changed.is_some())
                })
                .collect(),
        };
        self.ask(node, question);
    }

    fn call_sort(
        &mut self,
        info: &HostInfo,
        receiver: ExprId,
        index: Option<ExprId>,
        captures: Vec<Capture>,
        call: &hir::ExprMethodCall,
    ) {
        let (node, span) = (call.method.span(), call.span());
        let mut args = vec![receiver];
        args.extend(index);
        // What a closure changes is passed by reference: a copy, so that the variable itself does not have to lie in memory.
        let mut changed = Vec::new();
        for capture in captures {
            let Some(local) = capture.changed else {
                args.push(capture.value);
                continue;
            };
            let to = match info.params.get(args.len()) {
                Some(TypeInfo::Ref { to, .. }) => ITy::of_info(to),
                _ => None,
            };
            let Some(to) = to else {
                return self.refuse_callee(node, "a method with these arguments");
            };
            let value = self.coerce(capture.value, &to);
            let copy = self.push_temp(to.clone(), true, span);
            self.assign(copy, value);
            changed.push((local, copy));
            let to = Box::new(to);
            let ty = ITy::Ref { to, mutable: true };
            let kind = ExprKind::Borrow(Place::local(copy));
            args.push(self.push_expr(kind, ty, span));
        }
        self.call_host(info, args, node, span);
        for (local, copy) in changed {
            let value = self.load_local(copy, span);
            let ty = self.local_tys[local.index()].clone();
            let value = self.coerce(value, &ty);
            self.assign(local, value);
        }
    }
}

/// The variable that a place begins with.
fn root_of(expr: &hir::Expr) -> Option<&str> {
    match expr {
        hir::Expr::Path(path) => path.path.get_ident().map(|ident| ident.name.as_str()),
        hir::Expr::Paren(inner) => root_of(&inner.expr),
        hir::Expr::Group(inner) => root_of(&inner.expr),
        hir::Expr::Field(field) => root_of(&field.base),
        hir::Expr::Index(index) => root_of(&index.expr),
        hir::Expr::Reference(reference) => root_of(&reference.expr),
        hir::Expr::Unary(unary) => root_of(&unary.expr),
        hir::Expr::MethodCall(call) => root_of(&call.receiver),
        _ => None,
    }
}

/// Whether a closure may change a variable: in doubt, it does.
fn changes(body: &hir::Expr, name: &str) -> bool {
    let mut found = false;
    super::captures::for_each_expr(body, &mut |expr| {
        let place = match expr {
            hir::Expr::Assign(assign) => &assign.left,
            hir::Expr::Binary(binary) if binary.op.is_assignment() => &binary.left,
            hir::Expr::Reference(reference) if reference.mutability.is_some() => &reference.expr,
            hir::Expr::MethodCall(call) if !only_reads(call.method.name.as_str()) => &call.receiver,
            _ => return,
        };
        found |= root_of(place) == Some(name);
    });
    found
}

/// Whether a method of this name leaves its receiver as it was.
fn only_reads(name: &str) -> bool {
    Intrinsic::from_rust(name).is_some()
        || matches!(
            name,
            "cmp"
                | "partial_cmp"
                | "total_cmp"
                | "eq"
                | "ne"
                | "lt"
                | "le"
                | "gt"
                | "ge"
                | "len"
                | "is_empty"
                | "get"
                | "first"
                | "last"
                | "iter"
                | "clone"
                | "copied"
                | "cloned"
                | "unwrap"
                | "unwrap_or"
                | "expect"
                | "then"
                | "then_with"
        )
}
