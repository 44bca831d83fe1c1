//! Sums over arrays, in ndarray's order.
//!
//! # Source
//!
//! ndarray 0.17: `sum`, `product` and `dot_generic`, `numeric_util::unrolled_fold` and `unrolled_dot`.

use super::View;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::{ArrayCheck, LocalId, SiteKind};
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};

impl Lowering<'_> {
    /// `sum`, `product`, `mean`, `dot`. `None`: it is none of these.
    pub(super) fn array_reduction(
        &mut self,
        view: &View,
        call: &hir::ExprMethodCall,
    ) -> Option<Value> {
        let at = call.method.span();
        let name = call.method.name.as_str();
        match (name, call.args.as_slice()) {
            ("sum" | "product" | "mean", []) => {
                if !self.is_float_array(view, name, at) {
                    return Some(Value::Expr(self.open_result(view, name == "mean", at)));
                }
                let op = if name == "product" {
                    BinaryOp::Mul
                } else {
                    BinaryOp::Add
                };
                let total = self.reduce_view(view, op, at);
                let total = self.load_local(total, at);
                if name != "mean" {
                    return Some(Value::Expr(total));
                }
                let count = self.n_elements(view, at);
                let count = self.evaluate(count);
                let (copy, zero) = (self.copy_stable(count), self.count(0, at));
                let some = self.binary(BinaryOp::Ne, copy, zero, at, at);
                let count = self.cast(count, view.elem.clone(), at);
                let mean = self.binary(BinaryOp::Div, total, count, at, at);
                Some(Value::Expr(self.option(some, mean, at)))
            }
            ("dot", [other]) if view.dims.len() == 1 => {
                let other = self.other_view(other)?;
                if other.dims.len() != 1 {
                    self.refuse_view_method(call);
                    return Some(Value::Expr(self.poison(at)));
                }
                if !self.is_float_array(view, name, at) {
                    return Some(Value::Expr(self.open_result(view, false, at)));
                }
                let total = self.dot_product(view, &other, at);
                Some(Value::Expr(self.load_local(total, at)))
            }
            _ => None,
        }
    }

    /// A result of which only the type is known.
    fn open_result(&mut self, view: &View, optional: bool, at: Span) -> ExprId {
        let value = self.poison(at);
        let elem = view.elem.clone();
        self.expr_tys[value.index()] = if optional {
            ITy::Option(Box::new(elem))
        } else {
            elem
        };
        value
    }

    /// A variable that starts with what an operator leaves as it is.
    fn new_total(&mut self, op: BinaryOp, elem: &ITy, at: Span) -> LocalId {
        let start = match op {
            BinaryOp::Mul => crate::expr::NamedConst::One,
            _ => crate::expr::NamedConst::Zero,
        };
        let total = self.push_temp(elem.clone(), true, at);
        let start = self.push_expr(ExprKind::Named(start), elem.clone(), at);
        self.assign(total, start);
        total
    }

    /// `total = total op value`.
    fn accumulate(&mut self, total: LocalId, op: BinaryOp, value: ExprId, at: Span) {
        let old = self.load_local(total, at);
        let value = self.binary(op, old, value, at, at);
        self.assign(total, value);
    }

    fn reduce_view(&mut self, view: &View, op: BinaryOp, at: Span) -> LocalId {
        let total = self.new_total(op, &view.elem, at);
        let elem = |this: &mut Self, part: &View, index: ExprId| {
            let place = this.view_element(part, &[index], at);
            this.push_expr(ExprKind::Load(place), part.elem.clone(), at)
        };
        let unrolled = |this: &mut Self, part: &View| {
            let len = this.dim_of(part, 0);
            let part = part.clone();
            this.unrolled(op, &view.elem, len, at, &mut |this, index| {
                elem(this, &part, index)
            })
        };
        let Some(cond) = self.is_contiguous(view, at) else {
            let all = unrolled(self, view);
            let all = self.load_local(all, at);
            self.assign(total, all);
            return total;
        };
        let ((), gapless) = self.in_frame(|this| {
            let flat = this.flattened(view, at);
            let all = unrolled(this, &flat);
            let all = this.load_local(all, at);
            this.assign(total, all);
        });
        let ((), strided) = self.in_frame(|this| {
            let last = view.dims.len() - 1;
            let (row_len, one) = (this.dim_of(view, last), this.count(1, at));
            let short = this.binary(BinaryOp::Le, row_len, one, at, at);
            let (stride, one) = (this.stride_of(view.dims[last], at), this.count(1, at));
            let unit = this.binary(BinaryOp::Eq, stride, one, at, at);
            let neighbours = this.binary(BinaryOp::BitOr, short, unit, at, at);
            let each_row = |this: &mut Self, body: &mut dyn FnMut(&mut Self, &View)| {
                let mut outer = view.clone();
                outer.dims.truncate(last);
                this.each_index(&outer, at, &mut |this, indices| {
                    let mut row = view.clone();
                    for index in indices {
                        let index = this.load_local(*index, at);
                        row = this.at_index(&row, 0, index, at);
                    }
                    body(this, &row);
                });
            };
            let ((), slices) = this.in_frame(|this| {
                each_row(this, &mut |this, row| {
                    let mut row = row.clone();
                    row.dims[0].stride = None;
                    let sum = unrolled(this, &row);
                    let sum = this.load_local(sum, at);
                    this.accumulate(total, op, sum, at);
                });
            });
            let ((), others) = this.in_frame(|this| {
                each_row(this, &mut |this, row| {
                    let sum = this.new_total(op, &view.elem, at);
                    let len = this.dim_of(row, 0);
                    this.count_to(len, at, |this, index| {
                        let index = this.load_local(index, at);
                        let value = elem(this, row, index);
                        this.accumulate(sum, op, value, at);
                    });
                    let sum = this.load_local(sum, at);
                    this.accumulate(total, op, sum, at);
                });
            });
            this.emit_branch(neighbours, slices, others, at);
        });
        self.emit_branch(cond, gapless, strided, at);
        total
    }

    /// ndarray's order of sums over slices: eight sums, then what is left. `term` is what is added for an index.
    fn unrolled(
        &mut self,
        op: BinaryOp,
        elem: &ITy,
        len: ExprId,
        at: Span,
        term: &mut dyn FnMut(&mut Self, ExprId) -> ExprId,
    ) -> LocalId {
        const WAYS: u64 = 8;
        let total = self.new_total(op, elem, at);
        let parts: Vec<_> = (0..WAYS).map(|_| self.new_total(op, elem, at)).collect();
        let len = self.evaluate(len);
        let (copy, ways) = (self.copy_stable(len), self.count(WAYS, at));
        let blocks = self.divided(BinaryOp::Div, copy, ways, at);
        let blocks = self.evaluate(blocks);
        let end = self.copy_stable(blocks);
        self.count_to(end, at, |this, block| {
            for (way, part) in parts.iter().enumerate() {
                let (block, ways) = (this.load_local(block, at), this.count(WAYS, at));
                let start = this.unchecked(BinaryOp::Mul, block, ways, at);
                let way = this.count(way as u64, at);
                let index = this.unchecked(BinaryOp::Add, start, way, at);
                let value = term(this, index);
                this.accumulate(*part, op, value, at);
            }
        });
        for way in 0..WAYS as usize / 2 {
            let (a, b) = (
                self.load_local(parts[way], at),
                self.load_local(parts[way + WAYS as usize / 2], at),
            );
            let both = self.binary(op, a, b, at, at);
            self.accumulate(total, op, both, at);
        }
        let (blocks, ways) = (self.copy_stable(blocks), self.count(WAYS, at));
        let start = self.unchecked(BinaryOp::Mul, blocks, ways, at);
        self.count_through(start, len, false, at, |this, index| {
            let index = this.load_local(index, at);
            let value = term(this, index);
            this.accumulate(total, op, value, at);
        });
        total
    }

    fn dot_product(&mut self, a: &View, b: &View, at: Span) -> LocalId {
        let (n, m) = (self.dim_of(a, 0), self.dim_of(b, 0));
        let differ = self.binary(BinaryOp::Ne, n, m, at, at);
        let operands = vec![self.dim_of(a, 0), self.dim_of(b, 0)];
        self.trap_if(differ, SiteKind::Array(ArrayCheck::Dot), operands, at);
        let total = self.new_total(BinaryOp::Add, &a.elem, at);
        let product = |this: &mut Self, a: &View, b: &View, index: ExprId| {
            let index = this.evaluate(index);
            let copy = this.copy_stable(index);
            let (x, y) = (
                this.view_element(a, &[copy], at),
                this.view_element(b, &[index], at),
            );
            let x = this.push_expr(ExprKind::Load(x), a.elem.clone(), at);
            let y = this.push_expr(ExprKind::Load(y), b.elem.clone(), at);
            this.binary(BinaryOp::Mul, x, y, at, at)
        };
        let slices = |this: &mut Self| {
            let (mut a, mut b) = (a.clone(), b.clone());
            a.dims[0].stride = None;
            b.dims[0].stride = None;
            let len = this.dim_of(&a, 0);
            let sum = this.unrolled(BinaryOp::Add, &a.elem, len, at, &mut |this, index| {
                product(this, &a, &b, index)
            });
            let sum = this.load_local(sum, at);
            this.assign(total, sum);
        };
        let mut cond = None;
        for part in [a, b] {
            let Some(stride) = part.dims[0].stride else {
                continue;
            };
            let (stride, one) = (self.copy_stable(stride), self.count(1, at));
            let unit = self.binary(BinaryOp::Eq, stride, one, at, at);
            let (len, one) = (self.dim_of(part, 0), self.count(1, at));
            let short = self.binary(BinaryOp::Le, len, one, at, at);
            let fits = self.binary(BinaryOp::BitOr, unit, short, at, at);
            cond = self.both(cond, Some(fits), at);
        }
        let Some(cond) = cond else {
            slices(self);
            return total;
        };
        let ((), gapless) = self.in_frame(slices);
        let ((), strided) = self.in_frame(|this| {
            let len = this.dim_of(a, 0);
            this.count_to(len, at, |this, index| {
                let index = this.load_local(index, at);
                let value = product(this, a, b, index);
                this.accumulate(total, BinaryOp::Add, value, at);
            });
        });
        self.emit_branch(cond, gapless, strided, at);
        total
    }
}
