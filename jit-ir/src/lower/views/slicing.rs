//! `a.slice(s![1..n, ..;2, k])`.

use super::{Dim, View};
use crate::expr::{BinaryOp, ExprId};
use crate::func::{ArrayCheck, SiteKind};
use crate::hir::{self, Span};
use crate::lower::expr::strip_groups;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;
use crate::ty::ScalarTy;

/// An integer literal with its sign.
fn literal(expr: &hir::Expr) -> Option<(bool, u64)> {
    match strip_groups(expr) {
        hir::Expr::Lit(hir::ExprLit {
            lit: hir::Lit::Int(number),
            ..
        }) => Some((false, number.digits.parse().ok()?)),
        hir::Expr::Unary(unary) if matches!(unary.op, hir::UnOp::Neg(_)) => {
            let (negative, number) = literal(&unary.expr)?;
            Some((!negative, number))
        }
        _ => None,
    }
}

/// What stands for a dimension.
enum Elem<'e> {
    Range(&'e hir::ExprRange, bool, u64),
    Index(&'e hir::Expr),
}

impl Lowering<'_> {
    /// The part of a view that a tuple of ranges and indices means, which is what `s![..]` was written out as. `None`: that is reported.
    pub(super) fn slice_view(&mut self, view: &View, arg: &hir::Expr, at: Span) -> Option<View> {
        let hir::Expr::Tuple(tuple) = strip_groups(arg) else {
            self.refuse(
                arg.span(),
                "a slice that is not written as `s![..]`",
                "write `s![..]` here",
            );
            return None;
        };
        if tuple.elems.len() != view.dims.len() {
            self.refuse(
                arg.span(),
                "a slice that has not one element for each dimension",
                "index the array instead",
            );
            return None;
        }
        let mut elems = Vec::new();
        for elem in &tuple.elems {
            elems.push(self.slice_elem(elem)?);
        }
        // All numbers are computed before any is checked.
        let mut numbers = Vec::new();
        for elem in &elems {
            numbers.push(match elem {
                Elem::Range(range, ..) => {
                    let ends = (range.start.as_deref(), range.end.as_deref());
                    self.slice_bounds(ends)
                }
                Elem::Index(index) => self.slice_bounds((Some(index), None)),
            });
        }
        let mut part = View {
            dims: Vec::new(),
            ..view.clone()
        };
        for (axis, (elem, (start, end))) in elems.iter().zip(numbers).enumerate() {
            let dim = view.dims[axis];
            match elem {
                Elem::Index(_) => {
                    let written = start?;
                    let index = self.absolute(written, dim, at);
                    let (copy, len) = (self.copy_stable(index), self.copy_stable(dim.len));
                    let beyond = self.binary(BinaryOp::Ge, copy, len, at, at);
                    // Dimensions that are sliced already have their new lengths.
                    let mut operands = vec![self.count(axis as u64, at), self.copy_stable(written)];
                    for later in part.dims_so_far(view, axis, &elems) {
                        operands.push(match later {
                            Some(len) => self.copy_stable(len),
                            None => self.count(1, at),
                        });
                    }
                    self.trap_if(
                        beyond,
                        SiteKind::Array(ArrayCheck::SliceIndex),
                        operands,
                        at,
                    );
                    let base = part.offset.map(|offset| self.copy_stable(offset));
                    let offset = self.view_step(base, index, dim, at);
                    part.offset = Some(self.evaluate(offset));
                }
                Elem::Range(range, negative, step) => {
                    let closed = matches!(range.limits, hir::RangeLimits::Closed(_));
                    self.slice_axis(&mut part, dim, (start, end, closed), (*negative, *step), at);
                }
            }
        }
        Some(part)
    }

    fn slice_elem<'e>(&mut self, elem: &'e hir::Expr) -> Option<Elem<'e>> {
        match strip_groups(elem) {
            hir::Expr::Range(range) => Some(Elem::Range(range, false, 1)),
            hir::Expr::MethodCall(call) if call.method.name == "step_by" => {
                let step = call.args.first().and_then(literal);
                match (strip_groups(&call.receiver), step) {
                    (hir::Expr::Range(range), Some((negative, step))) if step != 0 => {
                        Some(Elem::Range(range, negative, step))
                    }
                    _ => {
                        self.refuse(
                            call.args.first().map_or(elem.span(), hir::Expr::span),
                            "a step in `s![..]` that is not a number other than 0",
                            "write the number: `..;2`",
                        );
                        None
                    }
                }
            }
            hir::Expr::Path(path)
                if (path.path.segments.last()).is_some_and(|last| last.ident.name == "NewAxis") =>
            {
                self.refuse(elem.span(), "`NewAxis`", "index with one number less");
                None
            }
            index => Some(Elem::Index(index)),
        }
    }

    /// The numbers of a range, each an `isize` as bits, stable.
    fn slice_bounds(
        &mut self,
        (start, end): (Option<&hir::Expr>, Option<&hir::Expr>),
    ) -> (Option<ExprId>, Option<ExprId>) {
        let written: Vec<&hir::Expr> = start.into_iter().chain(end).collect();
        let open: Vec<&hir::Expr> = (written.iter().copied())
            .filter(|expr| literal(expr).is_none())
            .collect();
        let mut values = self.lower_operands(open).into_iter();
        let mut ty: Option<ITy> = None;
        let mut bounds = (written.iter()).map(|expr| {
            if let Some((negative, number)) = literal(expr) {
                let number = if negative {
                    number.wrapping_neg()
                } else {
                    number
                };
                return self.count(number, expr.span());
            }
            let Some(value) = values.next() else {
                return self.poison(expr.span());
            };
            let value = self.auto_deref(value);
            match &ty {
                Some(ty) => self.expect_expr(value, ty),
                None => ty = Some(self.ty_of(value)),
            }
            let span = self.span_of(value);
            let value_ty = self.ty_of(value);
            if self.infer.shallow(&value_ty) == ITy::USIZE {
                return self.evaluate(value);
            }
            let signed = self.cast(value, ITy::Scalar(ScalarTy::Isize), span);
            let bits = self.cast(signed, ITy::USIZE, span);
            self.evaluate(bits)
        });
        let first = start.and_then(|_| bounds.next());
        let second = end.and_then(|_| bounds.next());
        (first, second)
    }

    /// A bound that counts from the end if it is negative.
    fn absolute(&mut self, bound: ExprId, dim: Dim, at: Span) -> ExprId {
        if let crate::expr::ExprKind::Const(crate::expr::ConstValue::Int(value)) =
            self.exprs[bound].kind
            && value <= i64::MAX as u128
        {
            return bound;
        }
        let negative = self.is_negative(bound, at);
        let (copy, len) = (self.copy_stable(bound), self.copy_stable(dim.len));
        let from_end = self.unchecked(BinaryOp::Add, copy, len, at);
        let bound = self.copy_stable(bound);
        let value = self.select(negative, from_end, bound, at);
        self.evaluate(value)
    }

    fn slice_axis(
        &mut self,
        part: &mut View,
        dim: Dim,
        (start, end, closed): (Option<ExprId>, Option<ExprId>, bool),
        (backwards, step): (bool, u64),
        at: Span,
    ) {
        if start.is_none() && end.is_none() && !backwards && step == 1 {
            part.dims.push(dim);
            return;
        }
        let raw_start = match start {
            Some(start) => start,
            None => self.count(0, at),
        };
        let raw_end = match end {
            // ndarray's own: the end behind `-1` is that of the dimension.
            Some(end) if closed => {
                let (copy, one) = (self.copy_stable(end), self.count(1, at));
                let next = self.unchecked(BinaryOp::Add, copy, one, at);
                let (end, last) = (self.copy_stable(end), self.count(u64::MAX, at));
                let is_last = self.binary(BinaryOp::Eq, end, last, at, at);
                let len = self.copy_stable(dim.len);
                let end = self.select(is_last, len, next, at);
                self.evaluate(end)
            }
            Some(end) => end,
            None => self.copy_stable(dim.len),
        };
        let start = self.absolute(raw_start, dim, at);
        let end = match end {
            Some(_) => self.absolute(raw_end, dim, at),
            None => raw_end,
        };
        let (a, b) = (self.copy_stable(end), self.copy_stable(start));
        let end = self.call(crate::intrinsic::Intrinsic::Max, vec![a, b], ITy::USIZE, at);
        let end = self.evaluate(end);
        // The start is not beyond the end.
        let (copy, len) = (self.copy_stable(end), self.copy_stable(dim.len));
        let beyond = self.binary(BinaryOp::Gt, copy, len, at, at);
        let operands = vec![
            self.copy_stable(raw_start),
            self.copy_stable(raw_end),
            self.copy_stable(dim.len),
        ];
        self.trap_if(
            beyond,
            SiteKind::Array(ArrayCheck::SliceRange),
            operands,
            at,
        );
        let (a, b) = (self.copy_stable(end), self.copy_stable(start));
        let span_len = self.unchecked(BinaryOp::Sub, a, b, at);
        let span_len = self.evaluate(span_len);
        // The first element, unless there is none.
        let first = if backwards {
            let (end, one) = (self.copy_stable(end), self.count(1, at));
            let last = self.unchecked(BinaryOp::Sub, end, one, at);
            let (copy, zero) = (self.copy_stable(span_len), self.count(0, at));
            let some = self.binary(BinaryOp::Ne, copy, zero, at, at);
            let zero = self.count(0, at);
            self.select(some, last, zero, at)
        } else {
            self.copy_stable(start)
        };
        let base = part.offset.map(|offset| self.copy_stable(offset));
        let first = self.evaluate(first);
        let offset = self.view_step(base, first, dim, at);
        // Of an empty part no element is looked at, wherever it starts.
        part.offset = Some(self.evaluate(offset));
        let len = if step == 1 {
            span_len
        } else {
            // Rounded up.
            let (copy, step) = (self.copy_stable(span_len), self.count(step, at));
            let quotient = self.divided(BinaryOp::Div, copy, step, at);
            let step = self.copy_stable(step);
            let rest = self.divided(BinaryOp::Rem, span_len, step, at);
            let zero = self.count(0, at);
            let more = self.binary(BinaryOp::Ne, rest, zero, at, at);
            let more = self.cast(more, ITy::USIZE, at);
            let len = self.unchecked(BinaryOp::Add, quotient, more, at);
            self.evaluate(len)
        };
        let stride = if step == 1 && !backwards {
            dim.stride
        } else {
            let (stride, mut factor) = (self.stride_of(dim, at), step);
            if backwards {
                factor = factor.wrapping_neg();
            }
            let factor = self.count(factor, at);
            let stride = self.unchecked(BinaryOp::Mul, stride, factor, at);
            Some(self.evaluate(stride))
        };
        part.dims.push(Dim { len, stride });
    }
}

impl View {
    /// The lengths that an array has when its dimension `axis` is indexed by a slice, with `None` for 1: what an index has passed.
    fn dims_so_far(&self, whole: &View, axis: usize, elems: &[Elem<'_>]) -> Vec<Option<ExprId>> {
        let mut sliced = self.dims.iter();
        (whole.dims.iter().enumerate())
            .map(|(number, dim)| match &elems[number] {
                _ if number >= axis => Some(dim.len),
                Elem::Index(_) => None,
                Elem::Range(..) => sliced.next().map(|dim| dim.len),
            })
            .collect()
    }
}
