//! Methods and operators that do something with every element of an array and allocate nothing.

use super::{Dim, View};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::func::{ArrayCheck, SiteKind};
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

/// What is done with an element of one array and one of another.
type VisitPair<'b, L> = &'b mut dyn FnMut(&mut L, Place, Place);

impl Lowering<'_> {
    /// A method of all elements. `None`: it is none.
    pub(super) fn whole_method(
        &mut self,
        view: &View,
        call: &hir::ExprMethodCall,
    ) -> Option<Value> {
        let (span, at) = (call.span(), call.method.span());
        let name = call.method.name.as_str();
        match (name, call.args.as_slice()) {
            ("fill", [value]) if view.mutable => {
                let value = self.lower_operand(value);
                self.expect_expr(value, &view.elem.clone());
                let value = self.evaluate(value);
                self.fill_view(view, value, span);
            }
            ("for_each", [f]) => {
                let f = self.lower_callable(f);
                self.in_memory_order(view, at, &mut |this, place| {
                    let item = this.borrow(place, view.elem.clone(), false, at);
                    this.call_for_effect(f, vec![item], at);
                });
            }
            ("map_inplace", [f]) if view.mutable => {
                let f = self.lower_callable(f);
                self.in_memory_order(view, at, &mut |this, place| {
                    let item = this.borrow(place, view.elem.clone(), true, at);
                    this.call_for_effect(f, vec![item], at);
                });
            }
            ("mapv_inplace", [f]) if view.mutable => {
                let f = self.lower_callable(f);
                self.in_memory_order(view, at, &mut |this, place| {
                    let again = this.copy_place(&place);
                    let item = this.push_expr(ExprKind::Load(again), view.elem.clone(), at);
                    let f = this.copy_stable(f);
                    if let Value::Expr(value) = this.call_value(f, vec![item], at) {
                        this.expect_expr(value, &view.elem.clone());
                        this.emit(StmtKind::Assign { place, value }, at);
                    }
                });
            }
            ("fold", [init, f]) => {
                let init = self.lower_operand(init);
                let slot = self.slot_of(init);
                let f = self.lower_callable(f);
                self.in_memory_order(view, at, &mut |this, place| {
                    let item = this.borrow(place, view.elem.clone(), false, at);
                    let state = this.read(&slot, at);
                    let f = this.copy_stable(f);
                    if let Value::Expr(value) = this.call_value(f, vec![state, item], at) {
                        this.store(&slot, value);
                    }
                });
                return Some(Value::Expr(self.read(&slot, span)));
            }
            ("assign", [other]) if view.mutable => {
                let other = self.other_view(other)?;
                self.with_other(view, &other, false, at, &mut |this, place, from| {
                    let value = this.push_expr(ExprKind::Load(from), other.elem.clone(), at);
                    this.expect_expr(value, &view.elem.clone());
                    this.emit(StmtKind::Assign { place, value }, at);
                });
            }
            ("zip_mut_with", [other, f]) if view.mutable => {
                let other = self.other_view(other)?;
                let f = self.lower_callable(f);
                self.with_other(view, &other, true, at, &mut |this, place, from| {
                    let item = this.borrow(place, view.elem.clone(), true, at);
                    let with = this.borrow(from, other.elem.clone(), false, at);
                    this.call_for_effect(f, vec![item, with], at);
                });
            }
            ("scaled_add", [factor, other]) if view.mutable => {
                let factor = self.lower_operand(factor);
                self.expect_expr(factor, &view.elem.clone());
                let factor = self.evaluate(factor);
                let other = self.other_view(other)?;
                if !self.is_float_array(view, name, at) {
                    return Some(Value::Unit);
                }
                self.with_other(view, &other, false, at, &mut |this, place, from| {
                    let again = this.copy_place(&place);
                    let old = this.push_expr(ExprKind::Load(again), view.elem.clone(), at);
                    let from = this.push_expr(ExprKind::Load(from), other.elem.clone(), at);
                    let factor = this.copy_stable(factor);
                    let product = this.binary(BinaryOp::Mul, factor, from, at, at);
                    let value = this.binary(BinaryOp::Add, old, product, at, at);
                    this.emit(StmtKind::Assign { place, value }, at);
                });
            }
            _ => return self.array_reduction(view, call),
        }
        Some(Value::Unit)
    }

    fn call_for_effect(&mut self, f: ExprId, args: Vec<ExprId>, span: Span) {
        let f = self.copy_stable(f);
        if let Value::Expr(unused) = self.call_value(f, args, span) {
            self.drop_value(unused);
        }
    }

    /// An argument that is a reference to an array.
    pub(super) fn other_view(&mut self, expr: &hir::Expr) -> Option<View> {
        let value = self.lower_operand(expr);
        match self.infer.shallow(&self.ty_of(value)) {
            ITy::View(id) => {
                self.discard(value);
                Some(self.view(id))
            }
            ty => {
                if !self.is_reported(&ty) {
                    self.refuse(
                        expr.span(),
                        "something that is no array where one is expected",
                        "pass a parameter, or a part of one",
                    );
                }
                None
            }
        }
    }

    /// Whether ndarray's arithmetic on the elements never panics. If not, that is reported: where it panics is a place inside of ndarray.
    pub(super) fn is_float_array(&mut self, view: &View, name: &str, at: Span) -> bool {
        let fine = match self.infer.shallow(&view.elem) {
            ITy::Scalar(scalar) => matches!(scalar, ScalarTy::F32 | ScalarTy::F64),
            ITy::Param(index) => (self.bounds.get(index as usize))
                .is_some_and(|bounds| bounds.has("Float") || bounds.has("Real")),
            // Only rustc knows; the first call will tell.
            ITy::Unknown(_) => return false,
            _ => false,
        };
        if !fine {
            self.refuse(
                at,
                &format!("`{name}` of an array of anything but floats"),
                "write it with iterators: `for x in a.iter_mut() { .. }`, `a.iter().sum()`",
            );
        }
        fine
    }

    /// `a += &b`, `a *= x`. `false`: the left side is no array.
    pub(in crate::lower) fn view_compound(
        &mut self,
        op: BinaryOp,
        binary: &hir::ExprBinary,
    ) -> bool {
        if !self.is_view(&binary.left) {
            return false;
        }
        let (span, at) = (binary.span(), binary.op.span());
        let Some(base) = self.lower_base(&binary.left) else {
            return true;
        };
        let ITy::View(id) = self.base_ty(&base) else {
            return true;
        };
        let id = self.with_mutability(id, true, binary.left.span());
        let view = self.view(id);
        let rhs = self.lower_operand(&binary.right);
        let is_bitwise = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
        let name = format!("{}=", op.symbol());
        if !is_bitwise && !self.is_float_array(&view, &name, at) {
            self.drop_value(rhs);
            return true;
        }
        let update = |this: &mut Self, place: Place, rhs: ExprId| {
            let again = this.copy_place(&place);
            let old = this.push_expr(ExprKind::Load(again), view.elem.clone(), at);
            let value = this.binary(op, old, rhs, span, at);
            this.emit(StmtKind::Assign { place, value }, span);
        };
        match self.infer.shallow(&self.ty_of(rhs)) {
            ITy::View(other) => {
                self.discard(rhs);
                let other = self.view(other);
                self.with_other(&view, &other, false, span, &mut |this, place, from| {
                    let rhs = this.push_expr(ExprKind::Load(from), other.elem.clone(), at);
                    update(this, place, rhs);
                });
            }
            _ => {
                let rhs = self.auto_deref(rhs);
                self.expect_expr(rhs, &view.elem.clone());
                let rhs = self.evaluate(rhs);
                self.in_memory_order(&view, span, &mut |this, place| {
                    let rhs = this.copy_stable(rhs);
                    update(this, place, rhs);
                });
            }
        }
        true
    }

    /// Visits the elements of an array together with those of another, which is broadcast, as `zip_mut_with` does. `exact`: somebody may notice in
    /// which order.
    fn with_other(
        &mut self,
        view: &View,
        other: &View,
        exact: bool,
        at: Span,
        visit: VisitPair<'_, Self>,
    ) {
        let (n_dims, n_other) = (view.dims.len(), other.dims.len());
        if n_other > n_dims {
            self.refuse(
                at,
                "an array of more dimensions than the one that is changed",
                "take a part of it: `b.row(i)`",
            );
            return;
        }
        // The dimensions that the other has, are the last ones.
        let lead = n_dims - n_other;
        let (a, b) = (
            (lead..n_dims).map(|axis| self.dim_of(view, axis)).collect(),
            (0..n_other).map(|axis| self.dim_of(other, axis)).collect(),
        );
        let Some(same) = self.are_equal(a, b, at) else {
            return;
        };
        let zero = |this: &mut Self, axis: usize| Dim {
            len: view.dims[axis].len,
            stride: Some(this.count(0, at)),
        };
        let ((), equal) = self.in_frame(|this| {
            let mut spread = other.clone();
            spread.dims = (0..lead).map(|axis| zero(this, axis)).collect();
            spread.dims.extend(&other.dims);
            if lead == 0 {
                this.pair_up(view, &spread, exact, at, &mut *visit);
            } else {
                this.pair_by_rows(view, &spread, exact, at, &mut *visit);
            }
        });
        let ((), different) = self.in_frame(|this| {
            let mut spread = other.clone();
            spread.dims = (0..lead).map(|axis| zero(this, axis)).collect();
            let mut misfit = None;
            for (axis, dim) in other.dims.iter().enumerate() {
                let (a, b) = (this.dim_of(view, lead + axis), this.dim_of(other, axis));
                let differs = this.binary(BinaryOp::Ne, a, b, at, at);
                let differs = this.evaluate(differs);
                let (b, one) = (this.dim_of(other, axis), this.count(1, at));
                let long = this.binary(BinaryOp::Ne, b, one, at, at);
                let copy = this.copy_stable(differs);
                let wrong = this.binary(BinaryOp::BitAnd, copy, long, at, at);
                misfit = Some(match misfit {
                    None => wrong,
                    Some(others) => this.binary(BinaryOp::BitOr, others, wrong, at, at),
                });
                let (zero, stride) = (this.count(0, at), this.stride_of(*dim, at));
                spread.dims.push(Dim {
                    len: view.dims[lead + axis].len,
                    stride: Some(this.select_stable(differs, zero, stride, at)),
                });
            }
            let Some(misfit) = misfit else { return };
            // The shape of the other, of as many numbers: those that it has not are the greatest.
            let mut operands: Vec<_> = (0..lead).map(|_| this.count(u64::MAX, at)).collect();
            for axis in 0..n_other {
                operands.push(this.dim_of(other, axis));
            }
            for axis in 0..n_dims {
                operands.push(this.dim_of(view, axis));
            }
            this.trap_if(misfit, SiteKind::Array(ArrayCheck::Broadcast), operands, at);
            this.pair_by_rows(view, &spread, exact, at, visit);
        });
        self.emit_branch(same, equal, different, at);
    }

    /// Two arrays of the same shape.
    fn pair_up(
        &mut self,
        view: &View,
        other: &View,
        exact: bool,
        at: Span,
        visit: VisitPair<'_, Self>,
    ) {
        // Without gaps, and in the same order: as they lie in memory.
        let mut cond = None;
        for part in [view, other] {
            let gapless = self.is_contiguous(part, at);
            cond = self.both(cond, gapless, at);
        }
        for (axis, (a, b)) in view.dims.iter().zip(&other.dims).enumerate() {
            if a.stride.is_none() && b.stride.is_none() {
                continue;
            }
            let (a, b) = (self.stride_of(*a, at), self.stride_of(*b, at));
            let equal = self.binary(BinaryOp::Eq, a, b, at, at);
            let (len, one) = (self.dim_of(view, axis), self.count(1, at));
            let short = self.binary(BinaryOp::Le, len, one, at, at);
            let fits = self.binary(BinaryOp::BitOr, equal, short, at, at);
            cond = self.both(cond, Some(fits), at);
        }
        let Some(cond) = cond else {
            return self.pair_by_rows(view, other, exact, at, visit);
        };
        let ((), gapless) = self.in_frame(|this| {
            let (a, b) = (this.flattened(view, at), this.flattened(other, at));
            this.pair_in_order(&a, &b, at, &mut *visit);
        });
        let ((), strided) = self.in_frame(|this| {
            this.pair_by_rows(view, other, exact, at, visit);
        });
        self.emit_branch(cond, gapless, strided, at);
    }

    /// Row by row; in which order of rows is `Zip`'s decision.
    fn pair_by_rows(
        &mut self,
        view: &View,
        other: &View,
        exact: bool,
        at: Span,
        visit: VisitPair<'_, Self>,
    ) {
        let n_outer = view.dims.len() - 1;
        let turned = if exact && n_outer > 1 {
            let parts = [
                view.dims[..n_outer].to_vec(),
                other.dims[..n_outer].to_vec(),
            ];
            self.prefers_fortran(&parts, false, at)
        } else {
            None
        };
        let Some(turned) = turned else {
            return self.pair_in_order(view, other, at, visit);
        };
        let ((), backwards) = self.in_frame(|this| {
            let (mut a, mut b) = (view.clone(), other.clone());
            a.dims[..n_outer].reverse();
            b.dims[..n_outer].reverse();
            this.pair_in_order(&a, &b, at, &mut *visit);
        });
        let ((), forwards) = self.in_frame(|this| this.pair_in_order(view, other, at, visit));
        self.emit_branch(turned, backwards, forwards, at);
    }

    fn pair_in_order(&mut self, a: &View, b: &View, at: Span, visit: VisitPair<'_, Self>) {
        self.each_index(a, at, &mut |this, indices| {
            let numbers = this.load_indices(indices, at);
            let place = this.view_element(a, &numbers, at);
            let numbers = this.load_indices(indices, at);
            let from = this.view_element(b, &numbers, at);
            visit(this, place, from);
        });
    }
}
