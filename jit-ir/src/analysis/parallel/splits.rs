//! Slices that are apart because Rust has cut them from each other: one is in the part of a slice that ends at a position, the other one in the
//! part of the same slice that begins there (`split_at_mut`), whatever that position is.

use super::pointers::PointsTo;
use super::reductions::same_expr;
use crate::analysis::effects::is_behind_pointer;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::ty::Ty;

/// How many cuts on the way from a slice to what it was cut from are looked at.
const MAX_CUTS: usize = 8;

/// A part of a slice or of an array, which a local is.
#[derive(Clone, Copy)]
struct Cut<'f> {
    whole: &'f Place,
    start: Option<ExprId>,
    end: Option<ExprId>,
}

impl PointsTo {
    /// Whether no element can be reached by both of two locals. Each may be assigned again and again, by one statement: it is the last value of each
    /// that counts, and those in `moves` do not change as long as both are in use.
    pub(super) fn are_split(
        &self,
        func: &Function,
        a: LocalId,
        b: LocalId,
        moves: impl Fn(LocalId) -> bool,
    ) -> bool {
        let (of_a, of_b) = (self.cuts(func, a, &moves), self.cuts(func, b, &moves));
        of_a.iter().any(|a| {
            of_b.iter().any(|b| {
                a.whole == b.whole
                    && self.is_steady(func, a.whole)
                    && (self.meet(func, a.end, b.start) || self.meet(func, b.end, a.start))
            })
        })
    }

    /// Whether the end of one part is where another one begins.
    fn meet(&self, func: &Function, end: Option<ExprId>, start: Option<ExprId>) -> bool {
        let (Some(end), Some(start)) = (end, start) else {
            return false;
        };
        same_expr(func, end, start) && self.is_position(func, end) && self.is_position(func, start)
    }

    /// Whether an expression still has the value that it had when it was evaluated last: it is made of constants and of what one statement assigns,
    /// which comes before each use. In a loop both run again.
    fn is_position(&self, func: &Function, expr: ExprId) -> bool {
        let Some(expr) = func.exprs.get(expr) else {
            return false;
        };
        let still = match &expr.kind {
            ExprKind::Const(_) | ExprKind::Named(_) => true,
            ExprKind::Load(place) => place.projections.is_empty() && self.is_steady(func, place),
            ExprKind::Len(place) => self.is_steady(func, place),
            ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Cast { .. }
            | ExprKind::Call { .. } => true,
            _ => false,
        };
        let mut all = still;
        expr.kind
            .for_each_operand(|operand| all = all && self.is_position(func, operand));
        all
    }

    /// Whether a local, or the memory that it points to, is the same that it was when it was read last.
    fn is_steady(&self, func: &Function, place: &Place) -> bool {
        let Some(local) = func.locals.get(place.local) else {
            return false;
        };
        match (&place.projections[..], &local.ty) {
            ([], Ty::Array { .. }) => return true,
            ([], Ty::Slice { .. } | Ty::Scalar(_)) | ([Projection::Deref], Ty::Ref { .. }) => {}
            _ => return false,
        }
        let assigned = self.assignments(place.local) + self.loops_over(place.local);
        let most = u32::from(!func.params.contains(&place.local));
        assigned <= most && !self.is_exposed(place.local)
    }

    /// The parts that a local lies in, the smallest first, of those that are no assignments of a local that `moves`.
    fn cuts<'f>(
        &self,
        func: &'f Function,
        of: LocalId,
        moves: &impl Fn(LocalId) -> bool,
    ) -> Vec<Cut<'f>> {
        let mut cuts = Vec::new();
        let mut local = of;
        for _ in 0..MAX_CUTS {
            let Some(value) = self.only_value(func, local) else {
                break;
            };
            let place = match &func.exprs[value].kind {
                ExprKind::Load(place) if place.projections.is_empty() => place,
                ExprKind::Borrow(place) if is_behind_pointer(func, place) => place,
                ExprKind::SubSlice {
                    base, start, end, ..
                } => {
                    if !moves(local) {
                        let (start, end) = (*start, *end);
                        let whole = base;
                        cuts.push(Cut { whole, start, end });
                    }
                    base
                }
                _ => break,
            };
            // One pointer, and data behind it: what is in there is nowhere else.
            let data = match func.locals.get(place.local).map(|local| &local.ty) {
                Some(Ty::Slice { elem: to, .. } | Ty::Ref { to, .. }) => !to.has_refs(),
                _ => false,
            };
            if !data {
                break;
            }
            local = place.local;
        }
        cuts
    }
}
