//! Ends of parts that are minima: `start + width`, or the end of the whole if that is less.

use super::accesses::Walker;
use super::reductions::same_expr;
use crate::analysis::poly::{Poly, Symbol};
use crate::analysis::prove::{Conditions, add_all};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::Function;
use crate::intrinsic::Intrinsic;
use crate::stmt::Loop;
use crate::ty::Ty;

/// Numbers that a value is not greater than.
#[derive(Clone, Debug, Default)]
pub(super) struct Minima {
    pub(super) bounds: Vec<(Poly, Conditions)>,
    /// Whether it is the least of them.
    pub(super) exact: bool,
}

/// A variable of a loop that counts parts of so many elements, which cover a whole: each part begins before its end.
#[derive(Clone, Debug)]
pub(super) struct Covering {
    var: Symbol,
    len: Poly,
    width: Poly,
}

impl Walker<'_, '_> {
    /// What a minimum of `usize` is the minimum of, also less a number.
    pub(super) fn minima_of(&mut self, value: ExprId) -> Minima {
        if self
            .func
            .exprs
            .get(value)
            .is_none_or(|value| value.ty != Ty::USIZE)
        {
            return Minima::default();
        }
        match self.func.exprs.get(value).map(|value| &value.kind) {
            Some(ExprKind::Call {
                intrinsic: Intrinsic::Min,
                args,
                ..
            }) => {
                let bound = |&arg: &ExprId| {
                    let (poly, mut requires) = self.exact_poly(arg)?;
                    add_all(&mut requires, self.prove_unsigned(&poly)?);
                    Some((poly, requires))
                };
                let mut minima: Vec<_> = args.iter().filter_map(bound).collect();
                // What tells iterations apart comes last, and is tried first.
                let varies = |poly: &Poly| {
                    let symbols = poly.symbols();
                    symbols.iter().any(|&symbol| self.context.has_var(symbol))
                };
                minima.sort_by_key(|(poly, _)| varies(poly));
                Minima {
                    exact: minima.len() == args.len(),
                    bounds: minima,
                }
            }
            Some(ExprKind::Load(place)) if place.projections.is_empty() => {
                self.minima.get(&place.local).cloned().unwrap_or_default()
            }
            Some(ExprKind::Binary {
                op: BinaryOp::Sub,
                lhs,
                rhs,
                site,
            }) => self
                .difference(*lhs, *rhs, site.is_none())
                .unwrap_or_default(),
            _ => Minima::default(),
        }
    }

    /// Whether a part of a whole of this length begins here, as parts that cover the whole do.
    fn starts_in(&self, len: &Poly, start: &Poly) -> bool {
        self.coverings.iter().any(|covering| {
            let at = Poly::from(covering.var).mul(&covering.width);
            covering.len == *len && at.as_ref() == Some(start)
        })
    }

    /// What the loop's variable covers, if it counts the parts of a whole: `for var in 0..len.div_ceil(width)`.
    pub(super) fn covering(&mut self, for_loop: &Loop, var: Symbol) -> Option<Covering> {
        let zero = ExprKind::Const(ConstValue::Int(0));
        if for_loop.inclusive || self.func.exprs.get(for_loop.start)?.kind != zero {
            return None;
        }
        let end = match &self.func.exprs.get(for_loop.end)?.kind {
            ExprKind::Load(place) if place.projections.is_empty() => {
                self.points_to.definition(self.func, place.local)?
            }
            _ => for_loop.end,
        };
        let (len, width) = rounded_up(self.func, end)?;
        let mut fixed = |expr| {
            let (poly, conditions) = self.exact_value(expr)?;
            (conditions.is_empty() && self.scope.is_invariant_poly(&poly)).then_some(poly)
        };
        let (len, width) = (fixed(len)?, fixed(width)?);
        Some(Covering { var, len, width })
    }

    /// The minima of a difference, if it does not wrap.
    fn difference(&mut self, lhs: ExprId, rhs: ExprId, may_wrap: bool) -> Option<Minima> {
        let minima = self.minima_of(lhs);
        if minima.bounds.is_empty() || may_wrap && !minima.exact {
            return None;
        }
        let (less, more) = self.exact_value(rhs)?;
        let mut needed = more;
        let mut bounds = Vec::new();
        for (bound, requires) in minima.bounds {
            let rest = bound.sub(&less)?;
            if may_wrap {
                if !self.starts_in(&bound, &less) {
                    let conditions = self.context.prove(&self.scope.symbols, &rest)?;
                    add_all(&mut needed, conditions);
                }
                add_all(&mut needed, requires.clone());
            }
            bounds.push((rest, requires));
        }
        for (_, requires) in &mut bounds {
            add_all(requires, needed.clone());
        }
        Some(Minima {
            bounds,
            exact: minima.exact,
        })
    }

    /// That a polynomial which is a `usize` modulo 2⁶⁴ is that number.
    fn prove_unsigned(&self, poly: &Poly) -> Option<Conditions> {
        let symbols = &self.scope.symbols;
        let mut conditions = self.context.prove(symbols, poly)?;
        let below = Poly::constant((1 << 64) - 1).sub(poly)?;
        add_all(&mut conditions, self.context.prove(symbols, &below)?);
        Some(conditions)
    }
}

/// The dividend and the divisor of a division that rounds up: `(n - (n != 0)) / d + (n != 0)`.
fn rounded_up(func: &Function, expr: ExprId) -> Option<(ExprId, ExprId)> {
    let binary = |expr: ExprId, by: BinaryOp| match func.exprs.get(expr)?.kind {
        ExprKind::Binary { op, lhs, rhs, .. } if op == by => Some((lhs, rhs)),
        _ => None,
    };
    let is_some = |expr: ExprId, of: ExprId| {
        let ExprKind::Cast { operand } = func.exprs.get(expr)?.kind else {
            return None;
        };
        let (n, zero) = binary(operand, BinaryOp::Ne)?;
        let is_zero = func.exprs.get(zero)?.kind == ExprKind::Const(ConstValue::Int(0));
        Some(is_zero && same_expr(func, n, of))
    };
    let (quotient, one) = binary(expr, BinaryOp::Add)?;
    let (dividend, divisor) = binary(quotient, BinaryOp::Div)?;
    let (n, less) = binary(dividend, BinaryOp::Sub)?;
    let unsigned = func.exprs.get(n)?.ty == Ty::USIZE;
    (unsigned && is_some(less, n)? && is_some(one, n)?).then_some((n, divisor))
}
