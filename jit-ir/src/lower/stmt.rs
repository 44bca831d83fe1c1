//! Blocks and statements.

use crate::hir::{self, Span};

use super::binding::Binding;
use super::captures::for_each_expr_in;
use super::diag::Code;
use super::infer::{ITy, Unknown};
use super::matching::has_let;
use super::pat::Pat;
use super::state::{Lowering, Target, Value};
use crate::expr::{ExprId, ExprKind};
use crate::stmt::{Block, StmtKind};
use crate::ty::Ty;

impl Lowering<'_> {
    /// A block in a scope of its own; its statements go into the current frame.
    pub(super) fn lower_block(&mut self, block: &hir::Block) -> Value {
        let around = self.enter_items(&block.stmts);
        let value = self.in_scope(|this| {
            // Items are there from the start of their block.
            let n_closures = this.closures.len();
            for stmt in &block.stmts {
                match stmt {
                    hir::Stmt::Item(hir::Item::Use(names)) => this.bind_imports(names),
                    hir::Stmt::Item(hir::Item::Const(item)) => this.lower_const_item(item),
                    hir::Stmt::Item(hir::Item::Static(item)) if !item.mutability => {
                        this.lower_const_item(item);
                    }
                    hir::Stmt::Item(hir::Item::Fn(item)) => this.lower_local_fn(item),
                    _ => {}
                }
            }
            this.declare_local_fns(n_closures);
            this.lower_stmts(&block.stmts)
        });
        if let Some(around) = around {
            self.current.items = around;
        }
        value
    }

    fn lower_stmts(&mut self, stmts: &[hir::Stmt]) -> Value {
        let Some((last, rest)) = stmts.split_last() else {
            return Value::Unit;
        };
        for (index, stmt) in rest.iter().enumerate() {
            if self.lower_declaring_macro(stmt, &stmts[index + 1..]) {
                continue;
            }
            let value = match stmt {
                hir::Stmt::Expr(hir::Expr::Loop(expr), _) => self.lower_loop(expr, true),
                hir::Stmt::Local(local) if self.names_function(local, &stmts[index + 1..]) => {
                    continue;
                }
                stmt => self.lower_stmt(stmt),
            };
            if matches!(value, Value::Never) {
                // Dead code is looked at for its problems only.
                self.in_frame(|this| this.lower_stmts(&stmts[index + 1..]));
                return Value::Never;
            }
        }
        self.lower_last(last)
    }

    fn lower_last(&mut self, stmt: &hir::Stmt) -> Value {
        match stmt {
            hir::Stmt::Expr(expr, false) => self.lower_expr(expr),
            hir::Stmt::Macro(stmt) if !stmt.semi_token => self.lower_macro(&stmt.mac, false),
            _ => self.lower_stmt(stmt),
        }
    }

    /// A statement whose value, if it has one, is dropped.
    fn lower_stmt(&mut self, stmt: &hir::Stmt) -> Value {
        let value = match stmt {
            hir::Stmt::Local(local) => self.lower_let(local),
            hir::Stmt::Expr(expr, _) => self.lower_expr(expr),
            hir::Stmt::Macro(stmt) => self.lower_macro(&stmt.mac, true),
            hir::Stmt::Item(item) => {
                self.lower_item(item);
                Value::Unit
            }
        };
        match value {
            Value::Expr(expr) => {
                self.drop_value(expr);
                Value::Unit
            }
            Value::Unit | Value::Never => value,
        }
    }

    /// Evaluates what nobody uses: it may panic.
    pub(super) fn drop_value(&mut self, expr: ExprId) {
        if self.may_trap(expr) {
            let span = self.span_of(expr);
            self.emit(StmtKind::Eval(expr), span);
        }
    }

    fn lower_item(&mut self, item: &hir::Item) {
        let (span, what, name) = match item {
            // Bound at the start of their block.
            hir::Item::Use(_) => return,
            hir::Item::Fn(_) => return,
            // Lowered at the start of their block.
            hir::Item::Const(_) => return,
            hir::Item::Static(item) if !item.mutability => return,
            hir::Item::Static(item) => (item.token, "`static mut` items", &item.ident),
            hir::Item::Refused(refusal) => return self.diags.refuse(refusal),
        };
        self.diags.report(
            Code::Item,
            span,
            format!("{what} inside a function cannot be captured by `#[jit]`"),
            "move it out of the function",
        );
        self.bind_reported(name);
    }

    /// `let f = path::to::function;`, of something that is called below or passed on: another name for it. Whether a path names a function
    /// or a constant, it does not show.
    fn names_function(&mut self, stmt: &hir::Local, below: &[hir::Stmt]) -> bool {
        let (hir::Pat::Ident(pat), Some(init)) = (&stmt.pat, &stmt.init) else {
            return false;
        };
        let (hir::Expr::Path(path), None) = (&*init.expr, &init.diverge) else {
            return false;
        };
        let is_plain = !pat.mutability && pat.by_ref.is_none() && pat.subpat.is_none();
        let is_item = |name: &hir::PathSegment| Self::is_item_name(&name.ident.name);
        if !is_plain || path.path.segments.last().is_none_or(is_item) {
            return false;
        }
        let is_variable = (path.path.get_ident()).is_some_and(|name| self.spelled(name).is_some());
        if is_variable || !is_called(&pat.ident, below) {
            return false;
        }
        let function = self.lower_fn_path(path);
        self.bind_as(&pat.ident, Binding::Alias(function));
        true
    }

    fn lower_let(&mut self, stmt: &hir::Local) -> Value {
        if let Some(init) = &stmt.init
            && let Some((token, otherwise)) = &init.diverge
        {
            return self.lower_let_else(&stmt.pat, &init.expr, otherwise, *token);
        }
        let Some(init) = &stmt.init else {
            if let hir::Pat::Type(typed) = &stmt.pat
                && let hir::Pat::Tuple(_) | hir::Pat::Slice(_) = &*typed.pat
            {
                match self.lower_ty(&typed.ty) {
                    Some(ty) => self.declare_parts(&typed.pat, &ty),
                    None => self.bind_names_of(&stmt.pat),
                }
            } else if let Some((pat, ty)) = self.lower_pat(&stmt.pat) {
                if let Pat::Tuple(..) = pat {
                    self.bind_names_of(&stmt.pat);
                }
                let ty = ty.unwrap_or_else(|| self.infer.fresh());
                self.note_let(stmt, &ty);
                self.declare(&pat, &ty);
            } else {
                self.bind_names_of(&stmt.pat);
            }
            return Value::Unit;
        };
        let written = match &stmt.pat {
            hir::Pat::Type(typed) => Some(self.lower_ty(&typed.ty)),
            _ => None,
        };
        let value = self.lower_expr(&init.expr);
        let mut expr = match value {
            Value::Never => {
                // What follows is dead, and looked at for its problems only.
                self.bind_names_of(&stmt.pat);
                return Value::Never;
            }
            Value::Unit => {
                if !matches!(strip_type(&stmt.pat), hir::Pat::Wild(_)) {
                    self.refuse_unit(init.expr.span());
                    self.bind_names_of(&stmt.pat);
                }
                return Value::Unit;
            }
            Value::Expr(expr) => expr,
        };
        match &written {
            Some(Some(written)) => {
                expr = self.coerce(expr, written);
                expr = self.of_written_type(expr, written);
            }
            Some(None) => {
                self.bind_names_of(&stmt.pat);
                return Value::Unit;
            }
            None => {
                let ty = self.ty_of(expr);
                self.note_let(stmt, &ty);
            }
        }
        self.bind_let(strip_type(&stmt.pat), expr);
        Value::Unit
    }

    /// A value of a type that only rustc knows, where numbers are written as its type: rustc sees to it that they are.
    fn of_written_type(&mut self, value: ExprId, written: &ITy) -> ExprId {
        fn is_numbers(ty: &Ty) -> bool {
            match ty {
                Ty::Scalar(_) | Ty::Param(_) => true,
                Ty::Tuple(elems) => elems.iter().all(is_numbers),
                _ => false,
            }
        }
        let ty = self.infer.shallow(&self.ty_of(value));
        let is_unknown = matches!(ty, ITy::Unknown(_)) && !self.infer.is_reported(&ty);
        if !is_unknown
            || self.current.context.is_some()
            || !self
                .infer
                .resolve(written)
                .is_some_and(|ty| is_numbers(&ty))
        {
            return value;
        }
        let span = self.span_of(value);
        self.drop_value(value);
        self.placeholder(written.clone(), span)
    }

    /// `let x;`: assigned later, so that a `let` without `mut` may have several assignments.
    fn declare(&mut self, pat: &Pat<'_>, ty: &ITy) {
        match pat {
            Pat::Wild(_) => {}
            Pat::Name { ident, .. } => {
                let local = self.push_local(ident.to_string(), ty.clone(), true, ident.span());
                self.bind(ident, local);
            }
            Pat::Tuple(span) => {
                self.refuse_pat(
                    *span,
                    "tuples of variables without a value",
                    "declare each variable",
                );
            }
        }
    }

    /// `let (x, [y, z]): (T, [T; 2]);`: each of the names.
    fn declare_parts(&mut self, pat: &hir::Pat, ty: &ITy) {
        let span = pat.span();
        match pat {
            hir::Pat::Wild(_) => {}
            hir::Pat::Paren(inner) => self.declare_parts(&inner.pat, ty),
            hir::Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let (ident, mutable) = (&pat.ident, pat.mutability);
                self.declare(&Pat::Name { ident, mutable }, ty);
            }
            hir::Pat::Tuple(pat) => {
                for (index, pat) in pat.elems.iter().enumerate() {
                    match self.tuple_part(ty, index, span) {
                        Some((_, ty)) => self.declare_parts(pat, &ty),
                        None => self.bind_names_of(pat),
                    }
                }
            }
            hir::Pat::Slice(pat) => {
                let elem = match self.infer.shallow(ty) {
                    ITy::Array { elem, .. } => *elem,
                    base @ ITy::Unknown(_) => self.infer.unknown(Unknown::Index(base, ITy::USIZE)),
                    _ => {
                        self.refuse_pat(span, "such patterns", "declare each variable");
                        ITy::REPORTED
                    }
                };
                pat.elems
                    .iter()
                    .for_each(|pat| self.declare_parts(pat, &elem));
            }
            _ => {
                self.refuse_pat(span, "such patterns", "declare each variable");
                self.bind_names_of(pat);
            }
        }
    }

    /// Remembers the type of a `let` that has none written, for rustc to check.
    fn note_let(&mut self, stmt: &hir::Local, ty: &ITy) {
        // Such types have no names.
        let is_nameless = matches!(
            self.infer.shallow(ty),
            ITy::Closure(_) | ITy::Fn(_) | ITy::Iter(_) | ITy::View(_)
        );
        if !is_nameless && !matches!(stmt.pat, hir::Pat::Type(_)) {
            self.lets.push((stmt.let_token, ty.clone()));
        }
    }

    pub(super) fn refuse_unit(&mut self, span: Span) {
        self.diags.report(
            Code::Mismatch,
            span,
            "this has the type `()`, which is no value for `#[jit]`",
            "give it a value, or make it a statement",
        );
    }

    /// `if` as a statement or a value.
    pub(super) fn lower_if(&mut self, expr: &hir::ExprIf) -> Value {
        let span = expr.if_token;
        if has_let(&expr.cond) {
            return self.lower_if_let(expr);
        }
        let cond = self.lower_condition(&expr.cond);
        let (then, then_stmts) = self.in_frame(|this| this.lower_block(&expr.then_branch));
        let (otherwise, else_stmts) = self.in_frame(|this| match &expr.else_branch {
            Some(branch) => this.lower_expr(branch),
            None => Value::Unit,
        });
        match (then, otherwise) {
            (Value::Expr(then), Value::Expr(otherwise)) => {
                let ty = self.ty_of(then);
                let (otherwise, more) = self.in_frame(|this| this.coerce(otherwise, &ty));
                let else_stmts: Vec<_> = else_stmts.into_iter().chain(more).collect();
                if then_stmts.is_empty() && else_stmts.is_empty() {
                    let kind = ExprKind::Select {
                        cond,
                        then,
                        otherwise,
                    };
                    let is_result = self.is_call_result(then);
                    let value = self.push_expr(kind, ty, span);
                    if is_result {
                        self.call_results.insert(value.index());
                    }
                    return Value::Expr(value);
                }
                let temp = self.push_temp(ty.clone(), true, span);
                self.note_held(temp, then);
                self.expect_of_branch(temp, &ty, otherwise);
                let then = self.with_result(then_stmts, temp, then);
                let otherwise = self.with_result(else_stmts, temp, otherwise);
                self.emit_if(cond, then, otherwise, span);
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Expr(value), Value::Never) => {
                let temp = self.push_temp(self.ty_of(value), true, span);
                self.note_held(temp, value);
                let then = self.with_result(then_stmts, temp, value);
                self.emit_if(cond, then, Block { stmts: else_stmts }, span);
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Never, Value::Expr(value)) => {
                let temp = self.push_temp(self.ty_of(value), true, span);
                self.note_held(temp, value);
                let otherwise = self.with_result(else_stmts, temp, value);
                self.emit_if(cond, Block { stmts: then_stmts }, otherwise, span);
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Expr(value), Value::Unit) | (Value::Unit, Value::Expr(value)) => {
                let ty = self.ty_of(value);
                let span = self.span_of(value);
                self.expect_ty(&ITy::Unit, &ty, span);
                Value::Unit
            }
            (then, otherwise) => {
                self.emit_if(
                    cond,
                    Block { stmts: then_stmts },
                    Block { stmts: else_stmts },
                    span,
                );
                if matches!((then, otherwise), (Value::Never, Value::Never)) {
                    Value::Never
                } else {
                    Value::Unit
                }
            }
        }
    }

    fn emit_if(&mut self, cond: ExprId, then: Block, otherwise: Block, span: Span) {
        self.emit(
            StmtKind::If {
                cond,
                then,
                otherwise,
            },
            span,
        );
    }

    /// The statements, then an assignment of their value.
    pub(super) fn with_result(
        &mut self,
        stmts: Vec<crate::stmt::Stmt>,
        temp: crate::LocalId,
        value: ExprId,
    ) -> Block {
        let ((), stmts) = self.in_frame(|this| {
            this.emit_all(stmts);
            this.assign(temp, value);
        });
        Block { stmts }
    }

    /// The condition of an `if` or `while`.
    pub(super) fn lower_condition(&mut self, cond: &hir::Expr) -> ExprId {
        if let hir::Expr::Let(cond) = cond {
            self.refuse_let_condition(cond);
            return self.poison(cond.let_token);
        }
        let cond = self.lower_operand(cond);
        self.expect_expr(cond, &ITy::BOOL);
        cond
    }

    pub(super) fn refuse_let_condition(&mut self, cond: &hir::ExprLet) {
        self.diags.report(
            Code::Pattern,
            cond.let_token,
            "`let` in the middle of a condition cannot be captured by `#[jit]`",
            "join it to the condition with `&&`, or use `matches!`",
        );
        self.lower_expr(&cond.expr);
        self.bind_names_of(&cond.pat);
    }

    /// `'name: { .. break 'name value; .. }`
    pub(super) fn lower_labeled_block(&mut self, label: &hir::Label, block: &hir::Block) -> Value {
        let span = label.name.span();
        let target = Target {
            label: self.new_label(),
            name: Some(super::loops::label_name(&label.name)),
            is_loop: false,
            result: None,
            broken: false,
            next: None,
            continued: false,
            for_macros: false,
        };
        let name = target.label;
        let ((value, mut stmts), target) =
            self.in_target(target, |this| this.in_frame(|this| this.lower_block(block)));
        let Some(target) = target else {
            return Value::Unit;
        };
        let result = match (value, target.result) {
            (Value::Expr(value), Some((temp, ty))) => {
                self.expect_expr(value, &ty);
                stmts = self.with_result(stmts, temp, value).stmts;
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Never, Some((temp, _))) => Value::Expr(self.load_local(temp, span)),
            (Value::Unit, Some((_, ty))) => {
                self.expect_ty(&ITy::Unit, &ty, span);
                Value::Unit
            }
            (Value::Expr(value), None) => {
                let temp = self.push_temp(self.ty_of(value), true, span);
                stmts = self.with_result(stmts, temp, value).stmts;
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Never, None) if !target.broken => Value::Never,
            (Value::Unit | Value::Never, None) => Value::Unit,
        };
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: name, body }, span);
        result
    }
}

/// The pattern without the type that is written behind it.
fn strip_type(pat: &hir::Pat) -> &hir::Pat {
    match pat {
        hir::Pat::Type(typed) => &typed.pat,
        pat => pat,
    }
}

/// Methods of iterators and `Option`s that take functions.
const TAKE_FUNCTIONS: &[&str] = &[
    "map",
    "for_each",
    "filter",
    "filter_map",
    "flat_map",
    "fold",
    "reduce",
    "all",
    "any",
    "position",
    "take_while",
    "skip_while",
    "map_while",
    "and_then",
    "map_or",
    "map_or_else",
    "map_err",
    "unwrap_or_else",
    "is_some_and",
];

/// Whether a name is called in these statements, or given to a method that calls it.
fn is_called(name: &hir::Ident, stmts: &[hir::Stmt]) -> bool {
    let is_it = |expr: &hir::Expr| match expr {
        hir::Expr::Path(path) => {
            let called = path.path.get_ident();
            called.is_some_and(|called| called.name == name.name)
        }
        _ => false,
    };
    let mut is_called = false;
    for_each_expr_in(stmts, &mut |expr| match expr {
        hir::Expr::Call(call) => is_called |= is_it(&call.func),
        hir::Expr::MethodCall(call) if TAKE_FUNCTIONS.contains(&&*call.method.name) => {
            is_called |= call.args.last().is_some_and(is_it);
        }
        _ => {}
    });
    is_called
}
