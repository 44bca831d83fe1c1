//! What conditions, assignments and loops say.

use super::Reader;
use super::facts::{Bounds, Facts, MOST_NUMBER, Term};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, UnaryOp};
use crate::func::LocalId;
use crate::ty::Ty;

impl Reader<'_> {
    /// Learns that a condition has this value.
    pub(crate) fn assume(&self, facts: &mut Facts, cond: ExprId, holds: bool) {
        let Some(expr) = self.func.exprs.get(cond) else {
            return;
        };
        match &expr.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.assume(facts, *operand, !holds),
            ExprKind::ShortCircuit { or, lhs, rhs } if *or != holds => {
                self.assume(facts, *lhs, holds);
                self.assume(facts, *rhs, holds);
            }
            ExprKind::Binary {
                op: op @ (BinaryOp::BitAnd | BinaryOp::BitOr),
                lhs,
                rhs,
                ..
            } if (*op == BinaryOp::BitAnd) == holds => {
                self.assume(facts, *lhs, holds);
                self.assume(facts, *rhs, holds);
            }
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (a, b) = (*lhs, *rhs);
                match (op, holds) {
                    (BinaryOp::Lt, true) | (BinaryOp::Ge, false) => self.at_most(facts, a, b, -1),
                    (BinaryOp::Le, true) | (BinaryOp::Gt, false) => self.at_most(facts, a, b, 0),
                    (BinaryOp::Gt, true) | (BinaryOp::Le, false) => self.at_most(facts, b, a, -1),
                    (BinaryOp::Ge, true) | (BinaryOp::Lt, false) => self.at_most(facts, b, a, 0),
                    (BinaryOp::Eq, true) | (BinaryOp::Ne, false) => {
                        self.at_most(facts, a, b, 0);
                        self.at_most(facts, b, a, 0);
                    }
                    (BinaryOp::Ne, true) | (BinaryOp::Eq, false) => {
                        if self.is_at_most(facts, a, b) {
                            self.at_most(facts, a, b, -1);
                        } else if self.is_at_most(facts, b, a) {
                            self.at_most(facts, b, a, -1);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Learns that `a <= b + number`.
    fn at_most(&self, facts: &mut Facts, a: ExprId, b: ExprId, number: i128) {
        let (Some(first), Some(second)) = (self.bounds(facts, a), self.bounds(facts, b)) else {
            return;
        };
        let (of_a, of_b) = (self.anchor(facts, a), self.anchor(facts, b));
        if let Some((term, own)) = of_a {
            for (&bound, &more) in &second.upper {
                facts.learn(term, bound, more + number - own);
            }
        }
        if let Some((Term::Local(local), own)) = of_b {
            let least = first.least - number - own;
            if least > facts.least(local) {
                facts.least.insert(local, least);
            }
        }
    }

    /// Learns that an index is below the length of what it was used with.
    pub(crate) fn assume_below_len(&self, facts: &mut Facts, index: ExprId, base: &Place) {
        if let Some((term, own)) = self.anchor(facts, index)
            && let Some(len) = self.len_bounds(facts, base)
        {
            for (&bound, &number) in &len.upper {
                facts.learn(term, bound, number - 1 - own);
            }
        }
    }

    /// Takes note of `local = value`.
    pub(crate) fn assign(&self, facts: &mut Facts, local: LocalId, value: ExprId) {
        if self.exposed.contains(&local) {
            facts.forget(local);
            return;
        }
        if let Some(Ty::Slice { .. }) = self.func.locals.get(local).map(|local| &local.ty) {
            self.assign_slice(facts, local, value);
            return;
        }
        let known = self.bounds(facts, value);
        let anchor = self.anchor(facts, value);
        facts.forget(local);
        let Some(known) = known else { return };
        let term = Term::Local(local);
        for (&bound, &number) in &known.upper {
            if bound != term {
                facts.learn(term, bound, number);
            }
        }
        // A number is at most what is at least that.
        if let Some(&number) = known.upper.get(&Term::Zero)
            && number <= MOST_NUMBER
        {
            let others = facts.least.clone();
            for (other, least) in others.into_iter().filter(|(other, _)| *other != local) {
                facts.learn(term, Term::Local(other), number - least);
            }
        }
        if known.least > 0 {
            facts.least.insert(local, known.least);
        }
        if let Some((other, number)) = anchor
            && other != term
        {
            facts.learn(other, term, -number);
        }
    }

    fn assign_slice(&self, facts: &mut Facts, local: LocalId, value: ExprId) {
        let own = self.len(&Place::local(local));
        let (known, anchor) = match self.func.exprs.get(value).map(|value| &value.kind) {
            Some(ExprKind::Load(place)) => (
                self.len_bounds(facts, place),
                self.len(place).map(|term| (term, 0)),
            ),
            Some(ExprKind::SubSlice {
                base, start, end, ..
            }) => {
                let known = match end {
                    Some(end) => self.bounds(facts, *end),
                    None => self.len_bounds(facts, base),
                };
                let anchor = match (start, end) {
                    (None, Some(end)) => self.anchor(facts, *end),
                    (None, None) => self.len(base).map(|term| (term, 0)),
                    _ => None,
                };
                (known, anchor)
            }
            _ => (None, None),
        };
        facts.forget(local);
        let (Some(own), Some(known)) = (own, known) else {
            return;
        };
        for (&bound, &number) in &known.upper {
            if bound != own {
                facts.learn(own, bound, number);
            }
        }
        if let Some((other, number)) = anchor
            && other != own
            && other != Term::Local(local)
        {
            facts.learn(other, own, -number);
        }
    }

    /// What holds of the variable of a counted loop in each iteration, in terms of what the loop does not change.
    pub(crate) fn enter(
        &self,
        facts: &mut Facts,
        var: LocalId,
        range: (&Bounds, &Bounds),
        inclusive: bool,
        changed: impl Fn(LocalId) -> bool,
    ) {
        facts.forget(var);
        let (start, end) = range;
        let end = if inclusive { end.clone() } else { end.plus(-1) };
        for (&term, &number) in &end.upper {
            let stays = match term {
                Term::Zero => true,
                Term::Local(local) | Term::Len(local) => !changed(local) && local != var,
            };
            if stays {
                facts.learn(Term::Local(var), term, number);
            }
        }
        if start.least > 0 {
            facts.least.insert(var, start.least);
        }
    }
}
