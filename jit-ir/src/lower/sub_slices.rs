//! Parts of slices: `a[i..j]`.

use super::infer::{ITy, Unknown};
use super::place::Base;
use super::state::Lowering;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{SiteKind, SliceBounds};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;

impl Lowering<'_> {
    /// `a[i..j]`: the part as a slice, which is mutable if it can be.
    pub(super) fn lower_sub_slice(
        &mut self,
        expr: &hir::ExprIndex,
        range: &hir::ExprRange,
    ) -> Option<Base> {
        let span = expr.span();
        let base = self.lower_base(&expr.expr);
        let base = base.map(|base| self.base_place(base));
        let (bounds, stmts) = self.in_frame(|this| {
            this.lower_operands(
                range
                    .start
                    .as_deref()
                    .into_iter()
                    .chain(range.end.as_deref()),
            )
        });
        for bound in &bounds {
            self.expect_expr(*bound, &ITy::USIZE);
        }
        let Some((mut place, ty)) = base else {
            self.emit_all(stmts);
            return None;
        };
        if !stmts.is_empty() && !place.projections.is_empty() {
            place = self.fix_place(place, true, span);
        }
        self.emit_all(stmts);
        let mut bounds = bounds.into_iter();
        let start = range.start.as_ref().and_then(|_| bounds.next());
        let end = bounds.next();
        let inclusive = matches!(range.limits, hir::RangeLimits::Closed(_));
        self.sub_slice(place, ty, (start, end), inclusive, span)
            .map(Base::Value)
    }

    /// The part of a slice or array between two bounds, checked as std does.
    pub(super) fn sub_slice(
        &mut self,
        mut place: Place,
        ty: ITy,
        (mut start, mut end): (Option<ExprId>, Option<ExprId>),
        inclusive: bool,
        span: Span,
    ) -> Option<ExprId> {
        let elem = match self.infer.shallow(&ty) {
            ITy::Slice { elem, .. } | ITy::Array { elem, .. } => elem,
            base @ ITy::Unknown(_) => {
                let unknown = self.infer.unknown(Unknown::Index(base, ITy::USIZE));
                return Some(self.push_expr(ExprKind::Zeroed, unknown, span));
            }
            other if self.is_reported(&other) => return None,
            ITy::Var(_) => {
                self.report_open(span, "the type of this is not known here");
                return None;
            }
            other => {
                self.refuse_indexing(&other, span);
                return None;
            }
        };
        let mutable = self.is_mutable_place(&place);
        let elem = Box::new(*elem);
        let result = ITy::Slice { elem, mutable };
        let kind = match (start, end, inclusive) {
            (None, None, _) => None,
            (Some(_), Some(_), false) => Some(SliceBounds::Both),
            (Some(_), None, _) => Some(SliceBounds::From),
            (None, Some(_), false) => Some(SliceBounds::To),
            (Some(_), Some(_), true) => Some(SliceBounds::Inclusive),
            (None, Some(_), true) => Some(SliceBounds::ToInclusive),
        };
        let Some(bounds) = kind else {
            let kind = ExprKind::SubSlice {
                base: place,
                start,
                end,
                site: None,
            };
            return Some(self.push_expr(kind, result, span));
        };
        let usizes = vec![ITy::USIZE; 3];
        let site = self.push_site(SiteKind::SubSlice(bounds), span, usizes);
        if inclusive && let Some(last) = end {
            place = self.fix_place(place, true, span);
            start = start.map(|start| self.evaluate(start));
            let last = self.evaluate(last);
            // The end of `..=usize::MAX` is no `usize`: the same panic as any other end behind the length.
            let max = ConstValue::Int(u128::from(u64::MAX));
            let max = self.push_expr(ExprKind::Const(max), ITy::USIZE, span);
            let copy = self.copy_stable(last);
            let overflows = self.binary(BinaryOp::Eq, copy, max, span, span);
            let operands = vec![
                match start {
                    Some(start) => self.copy_stable(start),
                    None => self.count(0, span),
                },
                self.count(0, span),
                self.len_of(&place, span),
            ];
            let ((), stmts) = self.in_frame(|this| {
                this.emit(StmtKind::Trap { site, operands }, span);
            });
            self.emit_branch(overflows, stmts, Vec::new(), span);
            let one = self.count(1, span);
            let kind = ExprKind::Binary {
                op: BinaryOp::Add,
                lhs: last,
                rhs: one,
                site: None,
            };
            end = Some(self.push_expr(kind, ITy::USIZE, span));
        }
        let kind = ExprKind::SubSlice {
            base: place,
            start,
            end,
            site: Some(site),
        };
        Some(self.push_expr(kind, result, span))
    }

    /// Whether elements of what is at a place may be stored to: every pointer on the way is `&mut`, and a variable `mut`.
    pub(super) fn is_mutable_place(&mut self, place: &Place) -> bool {
        let mut ty = self.local_tys[place.local.index()].clone();
        let mut mutable = self.locals[place.local].mutable;
        let mut behind = false;
        for step in &place.projections {
            let pointer = match (self.infer.shallow(&ty), step) {
                (ITy::Slice { elem, mutable }, Projection::Index { .. }) => Some((*elem, mutable)),
                (ITy::Ref { to, mutable }, Projection::Deref) => Some((*to, mutable)),
                (ITy::Array { elem, .. }, Projection::Index { .. }) => {
                    ty = *elem;
                    None
                }
                (shallow, Projection::Field(field)) => {
                    ty = self.field_ty(&shallow, *field).unwrap_or(ITy::REPORTED);
                    None
                }
                _ => None,
            };
            if let Some((to, through)) = pointer {
                mutable = through && (mutable || !behind);
                behind = true;
                ty = to;
            }
        }
        match self.infer.shallow(&ty) {
            ITy::Slice {
                mutable: through, ..
            } => through && (mutable || !behind),
            _ => mutable,
        }
    }
}
