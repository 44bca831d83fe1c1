//! What iterators begin with: slices, arrays, ranges, functions of `std::iter`.

use super::runs::RunKind;
use super::{By, Iter, IterId, Parts, Range, slot};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{LengthCheck, SiteKind};
use crate::hir::{self, Span};
use crate::lower::diag::Code;
use crate::lower::infer::{ITy, Unknown};
use crate::lower::prange::prange_call;
use crate::lower::state::Lowering;
use crate::stmt::{Block, StmtKind};

/// The name of a function of `std::iter` that is called.
pub(super) fn free_source(call: &hir::ExprCall) -> Option<&str> {
    let hir::Expr::Path(path) = &*call.func else {
        return None;
    };
    let names: Vec<&str> = (path.path.segments.iter())
        .map(|segment| segment.ident.name.as_str())
        .collect();
    let name = match names.as_slice() {
        ["iter", name] | ["std" | "core", "iter", name] => *name,
        _ => return None,
    };
    [
        "repeat",
        "repeat_n",
        "repeat_with",
        "once",
        "empty",
        "successors",
        "from_fn",
        "zip",
    ]
    .contains(&name)
    .then_some(name)
}

impl Lowering<'_> {
    /// `a.iter()`, `a.chunks(k)` and their like, of slices and arrays.
    pub(super) fn lower_source(&mut self, call: &hir::ExprMethodCall) -> ExprId {
        let span = call.method.span();
        let name = call.method.name.as_str();
        let by_value = name == "into_iter";
        let receiver = self.lower_sequence_receiver(&call.receiver, by_value);
        let ty = self.receiver_ty(&call.receiver, receiver);
        self.ask_whether_first(call, &ty);
        let args = match super::runs::is_runs(call) {
            true => vec![self.lower_callable(&call.args[0])],
            false => self.lower_operands(&call.args),
        };
        let ty = self.ty_of(receiver);
        if by_value {
            let iter = self.iterate_value(receiver);
            return match iter {
                Some(id) => self.placeholder(ITy::Iter(id), span),
                None => self.poison(span),
            };
        }
        if let ITy::View(view) = self.infer.shallow(&ty) {
            if !matches!(name, "iter" | "iter_mut") {
                self.refuse_view_method(call);
                return self.push_iter(Iter::Opaque(ITy::REPORTED), span);
            }
            let items = self.array_elements(view, Some(name == "iter_mut"), call.method.span());
            return self.push_iter(Iter::Array(items), span);
        }
        if let ITy::Option(_) = self.behind_refs(&ty)
            && name == "iter"
        {
            return self.iter_of_option(receiver, true, span);
        }
        let Some((whole, elem, may_store)) = self.iterable_slice(receiver) else {
            if let unknown @ ITy::Unknown(_) = self.behind_refs(&ty) {
                return self.opaque(unknown, name, span);
            }
            let shown = self.show(&ty);
            self.diags.report(
                Code::Method,
                call.method.span(),
                format!("the method `{name}` of `{shown}` cannot be captured by `#[jit]`"),
                "iterate over slices, arrays and ranges",
            );
            return self.poison(span);
        };
        let mutable = name.ends_with("_mut");
        if mutable && !may_store {
            self.diags.report(
                Code::Mismatch,
                call.method.span(),
                format!("`{name}` needs a slice that can be changed"),
                "make it `&mut`",
            );
        }
        if let ("chunk_by" | "split", [f]) = (name, args.as_slice()) {
            let kind = match name {
                "chunk_by" => RunKind::Chunks,
                _ => RunKind::Split,
            };
            let (f, state) = (*f, None);
            let iter = Iter::Runs {
                whole,
                elem,
                f,
                kind,
                state,
            };
            return self.push_iter(iter, span);
        }
        let (kind, check) = match name.trim_end_matches("_mut") {
            "iter" => {
                let by = if mutable { By::Mut } else { By::Ref };
                return self.push_iter(Iter::Elements { whole, elem, by }, span);
            }
            "windows" => (Parts::Windows, LengthCheck::Windows),
            "chunks" => (Parts::Chunks, LengthCheck::Chunks),
            "rchunks" => (Parts::RChunks, LengthCheck::Chunks),
            "rchunks_exact" => (Parts::RChunksExact, LengthCheck::ChunksExact),
            _ => (Parts::ChunksExact, LengthCheck::ChunksExact),
        };
        let [size] = args.as_slice() else {
            return self.poison(span);
        };
        self.expect_expr(*size, &ITy::USIZE);
        let size = self.evaluate(*size);
        self.check_nonzero(size, SiteKind::Length(check), call.method.span());
        let iter = Iter::Parts {
            whole,
            elem,
            mutable,
            size,
            kind,
        };
        self.push_iter(iter, span)
    }

    /// The iterator of something whose type only rustc knows.
    fn opaque(&mut self, base: ITy, name: &str, span: Span) -> ExprId {
        let elem = self.infer.unknown(Unknown::Index(base, ITy::USIZE));
        let mutable = name.ends_with("_mut");
        let item = match name.trim_end_matches("_mut") {
            "iter" => ITy::Ref {
                to: Box::new(elem),
                mutable,
            },
            "into_iter" => ITy::REPORTED,
            _ => ITy::Slice {
                elem: Box::new(elem),
                mutable,
            },
        };
        self.push_iter(Iter::Opaque(item), span)
    }

    /// Panics if `size` is 0.
    pub(super) fn check_nonzero(&mut self, size: ExprId, kind: SiteKind, span: Span) {
        if self.const_usize(size).is_some_and(|size| size != 0) {
            return;
        }
        let size = self.copy_stable(size);
        let zero = self.usize_const(0, span);
        let cond = self.plain_compare(BinaryOp::Eq, size, zero);
        let site = self.push_site(kind, span, Vec::new());
        self.emit_if_then(cond, span, |this| {
            let operands = Vec::new();
            this.emit(StmtKind::Trap { site, operands }, span);
        });
    }

    /// Emits `if cond { .. }`.
    pub(super) fn emit_if_then(&mut self, cond: ExprId, span: Span, then: impl FnOnce(&mut Self)) {
        let ((), stmts) = self.in_frame(then);
        self.emit(
            StmtKind::If {
                cond,
                then: Block { stmts },
                otherwise: Block::default(),
            },
            span,
        );
    }

    /// The receiver of a method of slices: a place is borrowed, but for an array that is taken by value.
    fn lower_sequence_receiver(&mut self, expr: &hir::Expr, by_value: bool) -> ExprId {
        let span = expr.span();
        let mut inner = expr;
        while let hir::Expr::Paren(hir::ExprParen { expr, .. })
        | hir::Expr::Group(hir::ExprGroup { expr, .. }) = inner
        {
            inner = expr;
        }
        let is_place = match inner {
            hir::Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|ident| self.lookup(ident).is_some()),
            hir::Expr::Index(index) => !matches!(strip(&index.index), hir::Expr::Range(_)),
            hir::Expr::Field(_) => true,
            _ => false,
        };
        if !is_place {
            return self.lower_operand(expr);
        }
        let Some((place, ty)) = self.lower_place(inner) else {
            return self.poison(span);
        };
        match self.infer.shallow(&ty) {
            ITy::Array { .. } if !by_value => {
                let ty = ITy::Ref {
                    to: Box::new(ty),
                    mutable: self.way_is_mutable(&place),
                };
                self.push_expr(ExprKind::Borrow(place), ty, span)
            }
            _ => self.push_expr(ExprKind::Load(place), ty, span),
        }
    }

    /// The type of the user's receiver, of which an array was borrowed.
    fn receiver_ty(&self, expr: &hir::Expr, receiver: ExprId) -> ITy {
        let ty = self.ty_of(receiver);
        let is_borrow = matches!(self.exprs[receiver].kind, ExprKind::Borrow(_));
        match self.infer.shallow(&ty) {
            ITy::Ref { to, .. } if is_borrow && !matches!(strip(expr), hir::Expr::Reference(_)) => {
                *to
            }
            ty => ty,
        }
    }

    /// Whether a place may be borrowed as mutable; rustc has checked more.
    fn way_is_mutable(&self, place: &Place) -> bool {
        let mut mutable = self.locals[place.local].mutable;
        let mut ty = self.local_tys[place.local.index()].clone();
        for step in &place.projections {
            ty = match (self.infer.shallow(&ty), step) {
                (ITy::Slice { elem, mutable: way }, Projection::Index { .. }) => {
                    mutable = way;
                    *elem
                }
                (ITy::Ref { to, mutable: way }, Projection::Deref) => {
                    mutable = way;
                    *to
                }
                _ => return mutable,
            };
        }
        mutable
    }

    /// A slice or a reference to an array as a stable expression, with the type of the elements and whether they can be stored to.
    /// `None`: it is neither.
    pub(super) fn iterable_slice(&mut self, value: ExprId) -> Option<(ExprId, ITy, bool)> {
        let ty = self.ty_of(value);
        let span = self.span_of(value);
        match self.infer.shallow(&ty) {
            ITy::Slice { elem, mutable } => Some((self.stabilize(value), *elem, mutable)),
            ITy::Array { elem, .. } => {
                let place = self.evaluate_place(value);
                let to = Box::new(ty);
                let kind = ExprKind::Borrow(place);
                let ty = ITy::Ref { to, mutable: false };
                Some((self.push_expr(kind, ty, span), *elem, false))
            }
            ITy::Ref { to, mutable } => match self.infer.shallow(&to) {
                ITy::Array { elem, .. } => Some((self.stabilize(value), *elem, mutable)),
                ITy::Slice { .. } | ITy::Ref { .. } => {
                    let inner = self.deref_expr(value, span);
                    self.iterable_slice(inner)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Makes a reference or slice stable. What is checked of a sub-slice is checked now.
    fn stabilize(&mut self, value: ExprId) -> ExprId {
        let span = self.span_of(value);
        let ty = self.ty_of(value);
        if let ExprKind::SubSlice {
            base,
            start,
            end,
            site: Some(site),
        } = self.exprs[value].kind.clone()
        {
            self.discard(value);
            let base = self.fix_place(base, false, span);
            let start = start.map(|start| self.evaluate(start));
            let end = end.map(|end| self.evaluate(end));
            let checked = ExprKind::SubSlice {
                base: self.copy_place(&base),
                start: start.map(|start| self.copy_stable(start)),
                end: end.map(|end| self.copy_stable(end)),
                site: Some(site),
            };
            let checked = self.push_expr(checked, ty.clone(), span);
            self.emit(StmtKind::Eval(checked), span);
            let kind = ExprKind::SubSlice {
                base,
                start,
                end,
                site: None,
            };
            let value = self.push_expr(kind, ty, span);
            return self.evaluate(value);
        }
        if let ExprKind::Borrow(place) = &self.exprs[value].kind
            && self.place_may_trap(place)
        {
            // `rows[i].iter()`: the index is checked now.
            let place = place.clone();
            self.discard(value);
            let mut place = self.fix_place(place, true, span);
            for step in &mut place.projections {
                if let Projection::Index { site, .. } = step {
                    *site = None;
                }
            }
            let value = self.push_expr(ExprKind::Borrow(place), ty, span);
            return self.evaluate(value);
        }
        self.evaluate(value)
    }

    /// The iterator over what is in an `Option`, or over a reference to it.
    fn iter_of_option(&mut self, value: ExprId, by_ref: bool, span: Span) -> ExprId {
        let value = self.auto_deref(value);
        let Some((flag, payload)) = self.option_parts(value) else {
            return self.poison(span);
        };
        let flag = self.evaluate(flag);
        let mut payload = self.evaluate(payload);
        if by_ref {
            payload = self.hold(payload);
        }
        let kind = ExprKind::Select {
            cond: flag,
            then: self.usize_const(1, span),
            otherwise: self.usize_const(0, span),
        };
        let count = self.push_expr(kind, ITy::USIZE, span);
        let count = self.evaluate(count);
        let once = self.new_iter(Iter::Once(payload), span);
        self.push_iter(Iter::Take(once, count, None), span)
    }

    /// `IntoIterator::into_iter` of a value. `None`: it cannot be iterated over, which is reported.
    pub(in crate::lower) fn iterate_value(&mut self, value: ExprId) -> Option<IterId> {
        if let Some(id) = self.iter_of(value) {
            return Some(id);
        }
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        if let ITy::View(view) = self.infer.shallow(&ty) {
            let items = self.array_elements(view, None, span);
            return Some(self.new_iter(Iter::Array(items), span));
        }
        if let ITy::Option(_) = self.behind_refs(&ty) {
            let by_ref = !matches!(self.infer.shallow(&ty), ITy::Option(_));
            let iter = self.iter_of_option(value, by_ref, span);
            return self.iter_of(iter);
        }
        let by_value = matches!(self.infer.shallow(&ty), ITy::Array { .. });
        if let Some((whole, elem, mutable)) = self.iterable_slice(value) {
            let by = match (by_value, mutable) {
                (true, _) => By::Value,
                (false, true) => By::Mut,
                (false, false) => By::Ref,
            };
            return Some(self.new_iter(Iter::Elements { whole, elem, by }, span));
        }
        match self.infer.shallow(&ty) {
            ITy::Unknown(_) => Some(self.new_iter(Iter::Opaque(ITy::REPORTED), span)),
            ITy::Ref { to, .. } if matches!(self.infer.shallow(&to), ITy::Unknown(_)) => {
                Some(self.new_iter(Iter::Opaque(ITy::REPORTED), span))
            }
            other if self.is_reported(&other) => None,
            other => {
                let shown = self.show(&other);
                self.diags.report(
                    Code::Loop,
                    span,
                    format!("iteration over `{shown}` cannot be captured by `#[jit]`"),
                    "iterate over slices, arrays and ranges",
                );
                None
            }
        }
    }

    /// `start..end` as a value.
    pub(in crate::lower) fn lower_range_value(&mut self, range: &hir::ExprRange) -> ExprId {
        let span = range.span();
        let ends: Vec<&hir::Expr> = (range.start.iter().chain(&range.end))
            .map(|end| &**end)
            .collect();
        let mut ends = self.lower_operands(ends).into_iter();
        let start = range.start.as_ref().and_then(|_| ends.next());
        let end = range.end.as_ref().and_then(|_| ends.next());
        let ty = match start.or(end) {
            Some(first) => self.ty_of(first),
            None => ITy::USIZE,
        };
        if let (Some(_), Some(end)) = (start, end) {
            self.expect_expr(end, &ty);
        }
        let range = Range {
            start: start.map(|start| self.evaluate(start)),
            end: end.map(|end| self.evaluate(end)),
            inclusive: matches!(range.limits, hir::RangeLimits::Closed(_)),
            ty,
            span: range.limits.span(),
        };
        self.push_iter(Iter::Range(range), span)
    }

    /// `std::iter::repeat(x)` and its like. `None`: it is none of these.
    pub(in crate::lower) fn lower_free_source(&mut self, call: &hir::ExprCall) -> Option<ExprId> {
        let span = call.span();
        if let Some((name, range)) = prange_call(call) {
            // A user's own function of this name takes something else.
            if !self.is_iter_expr(range) {
                return None;
            }
            self.note_request("prange", name);
            let range = self.lower_iter(range)?;
            return Some(self.placeholder(ITy::Iter(range), span));
        }
        let name = free_source(call)?;
        let iter = match (name, call.args.as_slice()) {
            ("empty", []) => Iter::Empty(self.infer.fresh()),
            ("once" | "repeat", [value]) => {
                let value = self.lower_operand(value);
                let value = self.evaluate(value);
                if self.has_own_state(value) {
                    self.refuse_held_closure(call.func.span());
                }
                if name == "once" {
                    Iter::Once(value)
                } else {
                    Iter::Repeat(value)
                }
            }
            ("repeat_n", [value, count]) => {
                let parts = self.lower_operands([value, count]);
                self.expect_expr(parts[1], &ITy::USIZE);
                let value = self.evaluate(parts[0]);
                let count = self.evaluate(parts[1]);
                let all = self.new_iter(Iter::Repeat(value), span);
                Iter::Take(all, count, None)
            }
            ("zip", [a, b]) => {
                let a = self.lower_iter(a)?;
                let b = self.lower_iter(b)?;
                Iter::Zip(a, b)
            }
            ("repeat_with", [f]) => Iter::RepeatWith(self.lower_callable(f)),
            ("from_fn", [step]) => Iter::FromFn(self.lower_callable(step)),
            ("successors", [first, step]) => {
                let first = self.lower_operand(first);
                let step = self.lower_callable(step);
                let (flag, value) = self.option_parts(first)?;
                let ty = self.ty_of(value);
                let state: slot::OptionSlot = self.new_option_slot(&ty, span);
                self.assign(state.flag, flag);
                let test = self.load_local(state.flag, span);
                let to = state.value.clone();
                self.emit_if_then(test, span, |this| this.store(&to, value));
                Iter::Successors { state, step }
            }
            _ => return None,
        };
        Some(self.push_iter(iter, span))
    }
}

fn strip(mut expr: &hir::Expr) -> &hir::Expr {
    while let hir::Expr::Paren(hir::ExprParen { expr: inner, .. })
    | hir::Expr::Group(hir::ExprGroup { expr: inner, .. }) = expr
    {
        expr = inner;
    }
    expr
}
