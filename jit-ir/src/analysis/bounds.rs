//! Upper bounds of unsigned integers that follow from what dominates a point: `child < n`, `n == x.len()`.
//!
//! [`crate::analysis::prove`] reasons about counted loops, whose variables have bounds before the loop starts. Here locals may be
//! assigned in any order, as in `while` loops; what is known of each is that it is at most another one plus a number, or at most a length plus a number. A
//! fact holds from where it was learned to where something in it is assigned. Where ways meet, what holds on all of them is left; around a
//! loop, what holds again at its end.

mod facts;
mod learn;

use std::collections::{BTreeMap, HashSet};

use super::affine::{range_of_ty, signed_value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::ty::{ScalarTy, Ty};
use facts::MOST_NUMBER;
pub(crate) use facts::{Bounds, Facts, Term};

/// Reads expressions where facts hold.
pub(crate) struct Reader<'a> {
    pub(crate) func: &'a Function,
    /// Locals that stores to memory may change: nothing is known of them.
    pub(crate) exposed: &'a HashSet<LocalId>,
}

impl Reader<'_> {
    fn unsigned(&self, expr: ExprId) -> Option<ScalarTy> {
        let ty = self.func.exprs.get(expr)?.ty.as_scalar()?;
        (ty.is_unsigned_int() && ty.bits() <= 64).then_some(ty)
    }

    fn constant(&self, expr: ExprId) -> Option<i128> {
        let expr = self.func.exprs.get(expr)?;
        match expr.kind {
            ExprKind::Const(ConstValue::Int(bits)) => {
                Some(signed_value(bits, expr.ty.as_scalar()?))
            }
            _ => None,
        }
    }

    fn local(&self, place: &Place) -> Option<LocalId> {
        let is_known = place.projections.is_empty() && !self.exposed.contains(&place.local);
        is_known.then_some(place.local)
    }

    /// The term that is a length, if it is that of a slice in a local.
    fn len(&self, place: &Place) -> Option<Term> {
        let local = self.local(place)?;
        match &self.func.locals.get(local)?.ty {
            Ty::Slice { elem, .. } => {
                let size = crate::layout_of(elem).map_or(0, |layout| layout.size);
                (size > 0).then_some(Term::Len(local))
            }
            _ => None,
        }
    }

    /// Bounds of what the length of a place is.
    pub(crate) fn len_bounds(&self, facts: &Facts, place: &Place) -> Option<Bounds> {
        if let Some(term) = self.len(place) {
            let upper = facts.all(term);
            return Some(Bounds { upper, least: 0 });
        }
        match crate::text::place_ty(self.func, place)? {
            Ty::Array { len, .. } => Some(number_bounds(i128::from(*len))),
            _ => None,
        }
    }

    /// Bounds of an unsigned integer.
    pub(crate) fn bounds(&self, facts: &Facts, expr: ExprId) -> Option<Bounds> {
        let ty = self.unsigned(expr)?;
        let top = range_of_ty(ty)?.hi;
        let mut found = self.of_kind(facts, expr, top).unwrap_or_default();
        found.at_most(Term::Zero, top);
        Some(found)
    }

    fn of_kind(&self, facts: &Facts, expr: ExprId, top: i128) -> Option<Bounds> {
        let expr = self.func.exprs.get(expr)?;
        match &expr.kind {
            ExprKind::Const(ConstValue::Int(bits)) => {
                Some(number_bounds(signed_value(*bits, expr.ty.as_scalar()?)))
            }
            ExprKind::Load(place) => {
                let local = self.local(place)?;
                Some(Bounds {
                    upper: facts.all(Term::Local(local)),
                    least: facts.least(local),
                })
            }
            ExprKind::Len(place) => self.len_bounds(facts, place),
            ExprKind::Cast { operand } => {
                let found = self.bounds(facts, *operand)?;
                (found.greatest() <= top).then_some(found)
            }
            ExprKind::Binary {
                op, lhs, rhs, site, ..
            } => self.binary(facts, *op, (*lhs, *rhs), site.is_some(), top),
            ExprKind::Call {
                intrinsic, args, ..
            } => {
                let &[a, b] = &args[..] else { return None };
                let (first, second) = (self.bounds(facts, a)?, self.bounds(facts, b)?);
                match intrinsic {
                    Intrinsic::Min => {
                        let least = first.least.min(second.least);
                        let mut all = first.both(&second);
                        all.least = least;
                        Some(all)
                    }
                    Intrinsic::Max => {
                        let least = first.least.max(second.least);
                        let mut all = first.either(&second);
                        all.least = least;
                        Some(all)
                    }
                    Intrinsic::SaturatingSub => {
                        let least = (first.least - second.greatest()).max(0);
                        Some(Bounds { least, ..first })
                    }
                    Intrinsic::WrappingAdd => self.binary(facts, BinaryOp::Add, (a, b), false, top),
                    Intrinsic::WrappingSub => self.binary(facts, BinaryOp::Sub, (a, b), false, top),
                    _ => None,
                }
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                let mut first = facts.clone();
                self.assume(&mut first, *cond, true);
                let mut second = facts.clone();
                self.assume(&mut second, *cond, false);
                let (first, second) = (
                    self.bounds(&first, *then)?,
                    self.bounds(&second, *otherwise)?,
                );
                Some(first.either(&second))
            }
            _ => None,
        }
    }

    fn binary(
        &self,
        facts: &Facts,
        op: BinaryOp,
        (lhs, rhs): (ExprId, ExprId),
        checked: bool,
        top: i128,
    ) -> Option<Bounds> {
        let first = self.bounds(facts, lhs)?;
        let second = match op {
            // The distance has a type of its own. One that is too far is masked.
            BinaryOp::Shr => {
                let bits = i128::from(128 - (top as u128).leading_zeros());
                let number = self
                    .constant(rhs)
                    .filter(|number| (0..bits).contains(number))?;
                number_bounds(number)
            }
            _ => self.bounds(facts, rhs)?,
        };
        match op {
            BinaryOp::Add => {
                if !checked && first.greatest() + second.greatest() > top {
                    return None;
                }
                let mut sum = Bounds {
                    upper: BTreeMap::new(),
                    least: first.least + second.least,
                };
                for (one, other) in [(&first, &second), (&second, &first)] {
                    let more = other.greatest();
                    if more <= MOST_NUMBER {
                        for (&term, &number) in &one.upper {
                            sum.at_most(term, number + more);
                        }
                    }
                }
                // a + (b - a) / 2 for a <= b is what (a + b) / 2 is.
                if let Some((high, low)) = self.half_of_difference(rhs)
                    && self.same_local(lhs, low)
                    && let Some(middle) = self.middle(facts, low, high)
                {
                    sum = sum.both(&middle);
                }
                Some(sum)
            }
            BinaryOp::Sub => {
                if !checked && !self.is_at_most(facts, rhs, lhs) {
                    return None;
                }
                let mut difference = first.plus(-second.least);
                difference.least = (first.least - second.greatest()).max(0);
                Some(difference)
            }
            BinaryOp::Mul => {
                let product = first.greatest().checked_mul(second.greatest())?;
                if !checked && product > top {
                    return None;
                }
                Some(Bounds {
                    upper: BTreeMap::from([(Term::Zero, product.min(top))]),
                    least: first.least.checked_mul(second.least)?,
                })
            }
            BinaryOp::Div | BinaryOp::Shr => {
                let divisor = match op {
                    BinaryOp::Div => second.least,
                    _ => 1i128.checked_shl(u32::try_from(second.least).ok()?)?,
                };
                let mut quotient = first.clone();
                quotient.least = 0;
                if divisor > 1 {
                    quotient.at_most(Term::Zero, first.greatest() / divisor);
                }
                if divisor == 2
                    && second.greatest() == second.least
                    && let Some(ExprKind::Binary {
                        op: BinaryOp::Add,
                        lhs: a,
                        rhs: b,
                        site,
                    }) = self.func.exprs.get(lhs).map(|lhs| &lhs.kind)
                {
                    let (a, b) = (self.bounds(facts, *a)?, self.bounds(facts, *b)?);
                    if site.is_some() || a.greatest() + b.greatest() <= top {
                        quotient = quotient.both(&half(&a, &b));
                    }
                }
                Some(quotient)
            }
            BinaryOp::Rem => {
                // By 0 it traps.
                let mut rest = first;
                rest.least = 0;
                Some(rest.both(&Bounds {
                    least: 0,
                    ..second.plus(-1)
                }))
            }
            BinaryOp::BitAnd => {
                let mut all = first.both(&second);
                all.least = 0;
                Some(all)
            }
            _ => None,
        }
    }

    fn same_local(&self, a: ExprId, b: ExprId) -> bool {
        let local = |expr: ExprId| match &self.func.exprs.get(expr)?.kind {
            ExprKind::Load(place) => self.local(place),
            _ => None,
        };
        local(a).is_some() && local(a) == local(b)
    }

    /// Of `(high - low) / 2`, both.
    fn half_of_difference(&self, expr: ExprId) -> Option<(ExprId, ExprId)> {
        let ExprKind::Binary { op, lhs, rhs, .. } = &self.func.exprs.get(expr)?.kind else {
            return None;
        };
        let halves = match &self.func.exprs.get(*rhs)?.kind {
            ExprKind::Const(ConstValue::Int(2)) => *op == BinaryOp::Div,
            ExprKind::Const(ConstValue::Int(1)) => *op == BinaryOp::Shr,
            _ => false,
        };
        match &self.func.exprs.get(*lhs)?.kind {
            ExprKind::Binary {
                op: BinaryOp::Sub,
                lhs,
                rhs,
                ..
            } if halves => Some((*lhs, *rhs)),
            _ => None,
        }
    }

    fn middle(&self, facts: &Facts, low: ExprId, high: ExprId) -> Option<Bounds> {
        if !self.is_at_most(facts, low, high) {
            return None;
        }
        Some(half(&self.bounds(facts, low)?, &self.bounds(facts, high)?))
    }

    /// Whether `a <= b` is known.
    pub(crate) fn is_at_most(&self, facts: &Facts, a: ExprId, b: ExprId) -> bool {
        let (Some(first), Some(second)) = (self.bounds(facts, a), self.bounds(facts, b)) else {
            return false;
        };
        if first.greatest() <= second.least {
            return true;
        }
        let Some((term, number)) = self.anchor(facts, b) else {
            return false;
        };
        (first.upper.get(&term)).is_some_and(|&bound| bound <= number)
    }

    /// Whether a value is below a length.
    pub(crate) fn is_below_len(&self, facts: &Facts, index: ExprId, base: &Place) -> bool {
        let Some(index) = self.bounds(facts, index) else {
            return false;
        };
        match self.len(base) {
            Some(term) => {
                index.upper.get(&term).is_some_and(|&number| number < 0)
                    || facts.least_of(term) > index.greatest()
            }
            None => match crate::text::place_ty(self.func, base) {
                Some(Ty::Array { len, .. }) => index.greatest() < i128::from(*len),
                _ => false,
            },
        }
    }

    /// Whether a value is at most a length.
    pub(crate) fn is_within_len(&self, facts: &Facts, end: ExprId, base: &Place) -> bool {
        let Some(end) = self.bounds(facts, end) else {
            return false;
        };
        match self.len(base) {
            Some(term) => end.upper.get(&term).is_some_and(|&number| number <= 0),
            None => match crate::text::place_ty(self.func, base) {
                Some(Ty::Array { len, .. }) => end.greatest() <= i128::from(*len),
                _ => false,
            },
        }
    }

    /// Whether the exact result of an operation is a value of its type, so that it does not trap.
    pub(crate) fn fits(&self, facts: &Facts, expr: ExprId) -> bool {
        let Some(ty) = self.unsigned(expr) else {
            return false;
        };
        let Some(range) = range_of_ty(ty) else {
            return false;
        };
        let ExprKind::Binary { op, lhs, rhs, .. } = &self.func.exprs[expr].kind else {
            return false;
        };
        let greatest = |expr: ExprId| self.bounds(facts, expr).map(|bounds| bounds.greatest());
        match op {
            BinaryOp::Add => match (greatest(*lhs), greatest(*rhs)) {
                (Some(a), Some(b)) => a + b <= range.hi,
                _ => false,
            },
            BinaryOp::Mul => match (greatest(*lhs), greatest(*rhs)) {
                (Some(a), Some(b)) => a.checked_mul(b).is_some_and(|all| all <= range.hi),
                _ => false,
            },
            BinaryOp::Sub => self.is_at_most(facts, *rhs, *lhs),
            _ => false,
        }
    }

    /// A value as a term plus a number, exactly.
    fn anchor(&self, facts: &Facts, expr: ExprId) -> Option<(Term, i128)> {
        let ty = self.unsigned(expr)?;
        let expr = self.func.exprs.get(expr)?;
        match &expr.kind {
            ExprKind::Load(place) => Some((Term::Local(self.local(place)?), 0)),
            ExprKind::Len(place) => Some((self.len(place)?, 0)),
            ExprKind::Cast { operand } => {
                let from = self.unsigned(*operand)?;
                (from.bits() <= ty.bits()).then_some(())?;
                self.anchor(facts, *operand)
            }
            ExprKind::Binary {
                op: op @ (BinaryOp::Add | BinaryOp::Sub),
                lhs,
                rhs,
                site,
            } => {
                let number = self.constant(*rhs)?;
                let exact = site.is_some()
                    || match op {
                        BinaryOp::Add => {
                            let top = range_of_ty(ty)?.hi;
                            self.bounds(facts, *lhs)?.greatest() + number <= top
                        }
                        _ => self.bounds(facts, *lhs)?.least >= number,
                    };
                if !exact || number > MOST_NUMBER {
                    return None;
                }
                let (term, known) = self.anchor(facts, *lhs)?;
                Some((
                    term,
                    if *op == BinaryOp::Add {
                        known + number
                    } else {
                        known - number
                    },
                ))
            }
            _ => None,
        }
    }
}

fn number_bounds(number: i128) -> Bounds {
    Bounds {
        upper: BTreeMap::from([(Term::Zero, number)]),
        least: number,
    }
}

/// Bounds of `(a + b) / 2`, rounded down.
fn half(a: &Bounds, b: &Bounds) -> Bounds {
    let mut bounds = Bounds {
        upper: BTreeMap::new(),
        least: (a.least + b.least) / 2,
    };
    for (&term, &first) in &a.upper {
        if let Some(&second) = b.upper.get(&term) {
            bounds.at_most(term, (first + second).div_euclid(2));
        }
    }
    bounds
}
