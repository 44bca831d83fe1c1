//! What holds at a point of a loop nest: the domains of the induction variables, and the conditions around.
//!
//! A claim is a polynomial that is not negative. [`Context::prove`] eliminates induction variables from it, innermost first: where the
//! factor of a variable is not negative, the claim is least at the variable's lower bound, and so on. What is left is over symbols that do
//! not change in the region: it either holds for all their values, or becomes a condition of the guard.

use crate::analysis::affine::{Exact, Scope, range_of_ty};
use crate::analysis::poly::{Interval, Poly, Symbol, SymbolKind, Symbols};
use crate::ty::ScalarTy;

/// Polynomials over what does not change in the region, each of which must not be negative.
pub(crate) type Conditions = Vec<Poly>;

/// How many steps a proof may take: candidates for bounds multiply.
const FUEL: u32 = 400;

/// A bound of an induction variable, and what it relies on.
#[derive(Clone, Debug)]
struct Bound {
    poly: Poly,
    requires: Conditions,
}

/// An induction variable, with bounds over symbols that are known where its loop starts. The tightest bound comes last.
#[derive(Clone, Debug)]
struct Domain {
    var: Symbol,
    lower: Vec<Bound>,
    upper: Vec<Bound>,
}

/// Which iterations the second of two things may happen in.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    /// In those in which the outermost variable is greater by this at least.
    Later(Poly),
    /// In any.
    Any,
}

/// What variables of a second iteration are called beside those of the first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renaming {
    all: Vec<(Symbol, Poly)>,
}

impl Renaming {
    /// A polynomial of the second iteration.
    pub(crate) fn apply(&self, poly: &Poly) -> Option<Poly> {
        // What is put in has symbols of its own but for the outermost variable, which comes first.
        let mut renamed = poly.clone();
        for (symbol, value) in &self.all {
            renamed = renamed.substitute(*symbol, value)?;
        }
        Some(renamed)
    }
}

/// What is known at a point.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// Outermost first.
    domains: Vec<Domain>,
    /// Polynomials over invariants that are not negative, without conditions.
    facts: Vec<Poly>,
    /// Invariants that are at least this.
    least: Vec<(Symbol, i128)>,
}

impl Context {
    /// Enters a loop whose variable has this type, as far as that is known.
    pub(crate) fn enter(&mut self, var: Symbol, ty: Interval) {
        let bound = |value| {
            vec![Bound {
                poly: Poly::constant(value),
                requires: Vec::new(),
            }]
        };
        self.domains.push(Domain {
            var,
            lower: bound(ty.lo),
            upper: bound(ty.hi),
        });
    }

    /// Learns that `claim` is not negative if all of `requires` are not.
    pub(crate) fn assume(&mut self, symbols: &Symbols, claim: &Poly, requires: &Conditions) {
        let innermost = (0..self.domains.len())
            .rev()
            .find(|&depth| claim.contains(self.domains[depth].var));
        let Some(depth) = innermost else {
            if requires.is_empty() {
                self.learn(claim);
            }
            return;
        };
        let Some((factor, rest)) = claim.linear_in(self.domains[depth].var) else {
            return;
        };
        // factor * var + rest >= 0
        let bound = match factor.as_constant() {
            Some(1) => rest.scale(-1),
            Some(-1) => Some(rest),
            Some(factor) if factor != 0 => {
                // Rounded towards the inside.
                let bound = rest.as_constant().and_then(|rest| match factor > 0 {
                    true => rest
                        .checked_neg()?
                        .checked_add(factor - 1)?
                        .checked_div_euclid(factor),
                    false => rest.checked_div_euclid(factor.checked_neg()?),
                });
                bound.map(Poly::constant)
            }
            _ => None,
        };
        let (Some(poly), Some(factor)) = (bound, factor.as_constant()) else {
            return;
        };
        let is_lower = factor > 0;
        let domain = &self.domains[depth];
        let known = match is_lower {
            true => &domain.lower,
            false => &domain.upper,
        };
        // Behind the last one that is not tighter.
        let at = known.iter().rposition(|bound| {
            let gap = match is_lower {
                true => bound.poly.sub(&poly),
                false => poly.sub(&bound.poly),
            };
            !gap.is_some_and(|gap| self.always(symbols, &gap, depth))
        });
        let at = at.map_or(0, |last| last + 1);
        let requires = requires.clone();
        let bound = Bound { poly, requires };
        match is_lower {
            true => self.domains[depth].lower.insert(at, bound),
            false => self.domains[depth].upper.insert(at, bound),
        }
    }

    /// Learns that `claim` is not 0: that helps at the ends of a domain.
    pub(crate) fn assume_not_zero(
        &mut self,
        symbols: &Symbols,
        claim: &Poly,
        requires: &Conditions,
    ) -> bool {
        let mut used = false;
        for claim in [Some(claim.clone()), claim.scale(-1)] {
            let Some(claim) = claim else { continue };
            // Not negative and not 0.
            if self.always(symbols, &claim, self.domains.len())
                && let Some(positive) = claim.plus(-1)
            {
                self.assume(symbols, &positive, requires);
                used = true;
            }
        }
        used
    }

    /// Whether this is the variable of a loop around.
    pub(crate) fn has_var(&self, symbol: Symbol) -> bool {
        self.domains.iter().any(|domain| domain.var == symbol)
    }

    /// What is known where two things happen, each in an iteration of its own of the outermost loop: the second one as [`Other`] says.
    /// Also how the second's variables are called here.
    pub(crate) fn pair(
        symbols: &mut Symbols,
        first: &Context,
        second: &Context,
        other: &Other,
    ) -> Option<(Context, Renaming)> {
        let (outer, inner) = first.domains.split_first()?;
        let (second_outer, second_inner) = second.domains.split_first()?;
        if outer.var != second_outer.var {
            return None;
        }
        let var = outer.var;
        let instance = |symbols: &mut Symbols, symbol: Symbol, number: u32| {
            let range = symbols.range(symbol);
            symbols.symbol(SymbolKind::Instance(symbol, number), range)
        };
        let mut outer = outer.clone();
        let mut renaming = Renaming::default();
        let behind = match other {
            Other::Later(step) => {
                // `var + distance`, with a distance of at least a step.
                let range = Interval::new(0, i128::from(u64::MAX));
                let distance = symbols.symbol(SymbolKind::Instance(var, 1), range);
                let moved = Poly::from(var).add(&distance.into())?;
                renaming.all.push((var, moved));
                let shift = |bounds: &[Bound], by: &Poly| -> Vec<Bound> {
                    let moved = bounds.iter().filter_map(|bound| {
                        let poly = bound.poly.sub(by)?;
                        let requires = bound.requires.clone();
                        Some(Bound { poly, requires })
                    });
                    moved.collect()
                };
                let at = Poly::from(var);
                let mut lower = shift(&second_outer.lower, &at);
                let requires = Vec::new();
                lower.push(Bound {
                    poly: step.clone(),
                    requires,
                });
                let upper = shift(&second_outer.upper, &at);
                outer.upper.extend(shift(&second_outer.upper, step));
                Domain {
                    var: distance,
                    lower,
                    upper,
                }
            }
            Other::Any => {
                let behind = instance(symbols, var, 2);
                renaming.all.push((var, behind.into()));
                Domain {
                    var: behind,
                    ..second_outer.clone()
                }
            }
        };
        let mut domains = vec![outer, behind];
        domains.extend(inner.iter().cloned());
        for domain in second_inner {
            let new = instance(symbols, domain.var, 3);
            let rename = |bounds: &[Bound]| -> Vec<Bound> {
                let renamed = bounds.iter().filter_map(|bound| {
                    let poly = renaming.apply(&bound.poly)?;
                    let requires = bound.requires.clone();
                    Some(Bound { poly, requires })
                });
                renamed.collect()
            };
            domains.push(Domain {
                var: new,
                lower: rename(&domain.lower),
                upper: rename(&domain.upper),
            });
            renaming.all.push((domain.var, new.into()));
        }
        let mut context = Context {
            domains,
            facts: first.facts.clone(),
            least: first.least.clone(),
        };
        for fact in &second.facts {
            context.learn(fact);
        }
        context.least.extend(second.least.iter().copied());
        Some((context, renaming))
    }

    /// Learns what divisions by constants mean, in a polynomial whose own requirements hold and in those bounds of variables that have none:
    /// `dividend - divisor * quotient` is not negative and less than the divisor.
    pub(crate) fn learn_quotients(&mut self, symbols: &Symbols, poly: &Poly) {
        let mut all = poly.symbols();
        for domain in &self.domains {
            for bound in domain.lower.iter().chain(&domain.upper) {
                if bound.requires.is_empty() {
                    all.extend(bound.poly.symbols());
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        for symbol in all {
            let SymbolKind::Quotient(dividend, divisor) = symbols.kind(symbol) else {
                continue;
            };
            let rest = Poly::from(symbol)
                .scale(*divisor)
                .and_then(|multiple| dividend.sub(&multiple));
            let Some(rest) = rest else { continue };
            self.learn(&rest);
            if let Some(less) = Poly::constant(divisor - 1).sub(&rest) {
                self.learn(&less);
            }
        }
    }

    fn learn(&mut self, fact: &Poly) {
        if self.facts.contains(fact) || fact.as_constant().is_some() {
            return;
        }
        self.facts.push(fact.clone());
        let symbols = fact.symbols();
        if let [symbol] = symbols[..]
            && let Some((factor, rest)) = fact.linear_in(symbol)
            && let (Some(factor), Some(rest)) = (factor.as_constant(), rest.as_constant())
            && factor > 0
            && let Some(least) = rest
                .checked_neg()
                .and_then(|rest| rest.checked_add(factor - 1))
        {
            self.least.push((symbol, least.div_euclid(factor)));
        }
    }

    /// Whether `claim` is not negative, whatever the invariants are. Looks at the loops outside of `depth` only.
    fn always(&self, symbols: &Symbols, claim: &Poly, depth: usize) -> bool {
        let mut fuel = FUEL / 8;
        let conditions = self.eliminate(symbols, claim, depth, &mut fuel);
        conditions.is_some_and(|conditions| conditions.is_empty())
    }

    /// Conditions under which `claim` is not negative at this point. `None` if there are none that can hold.
    pub(crate) fn prove(&self, symbols: &Symbols, claim: &Poly) -> Option<Conditions> {
        let mut fuel = FUEL;
        self.eliminate(symbols, claim, self.domains.len(), &mut fuel)
    }

    fn eliminate(
        &self,
        symbols: &Symbols,
        claim: &Poly,
        depth: usize,
        fuel: &mut u32,
    ) -> Option<Conditions> {
        *fuel = fuel.checked_sub(1)?;
        let innermost = (0..depth)
            .rev()
            .find(|&depth| claim.contains(self.domains[depth].var));
        let Some(depth) = innermost else {
            return self.settle(symbols, claim);
        };
        let domain = &self.domains[depth];
        let powers = claim.powers(domain.var);
        if let [rest, factor] = &powers[..] {
            let least_at = match self.sign(symbols, factor, depth, fuel) {
                Some(true) => vec![&domain.lower],
                Some(false) => vec![&domain.upper],
                // Linear: least at one of the ends.
                None => vec![&domain.lower, &domain.upper],
            };
            let mut all = Vec::new();
            for bounds in least_at {
                let conditions = self.at_bound(symbols, bounds, depth, fuel, |bound| {
                    factor.mul(bound)?.add(rest)
                })?;
                add_all(&mut all, conditions);
            }
            return Some(all);
        }
        // Each term for itself, where the variable is not negative and the factor's sign is known.
        let lower =
            domain.lower.iter().rev().find(|bound| {
                bound.requires.is_empty() && self.always(symbols, &bound.poly, depth)
            })?;
        let mut signs = Vec::new();
        for factor in &powers[1..] {
            signs.push(self.sign(symbols, factor, depth, fuel)?);
        }
        let upper = domain.upper.last()?;
        let mut sum = powers[0].clone();
        let mut requires = Vec::new();
        for (exponent, (factor, positive)) in powers[1..].iter().zip(signs).enumerate() {
            let bound = if positive { lower } else { upper };
            add_all(&mut requires, bound.requires.clone());
            let mut term = factor.clone();
            for _ in 0..=exponent {
                term = term.mul(&bound.poly)?;
            }
            sum = sum.add(&term)?;
        }
        let rest = self.eliminate(symbols, &sum, depth, fuel)?;
        add_all(&mut requires, rest);
        Some(requires)
    }

    /// The claim with a bound for the variable: a bound that makes it true without conditions if there is one, else the tightest.
    fn at_bound(
        &self,
        symbols: &Symbols,
        bounds: &[Bound],
        depth: usize,
        fuel: &mut u32,
        claim_at: impl Fn(&Poly) -> Option<Poly>,
    ) -> Option<Conditions> {
        let mut best: Option<Conditions> = None;
        for bound in bounds.iter().rev() {
            let Some(claim) = claim_at(&bound.poly) else {
                continue;
            };
            let Some(mut conditions) = self.eliminate(symbols, &claim, depth, fuel) else {
                continue;
            };
            add_all(&mut conditions, bound.requires.clone());
            if conditions.is_empty() {
                return Some(conditions);
            }
            best.get_or_insert(conditions);
        }
        best
    }

    /// Whether a factor is never negative (`true`) or never positive (`false`).
    fn sign(&self, symbols: &Symbols, factor: &Poly, depth: usize, fuel: &mut u32) -> Option<bool> {
        if let Some(factor) = factor.as_constant() {
            return Some(factor >= 0);
        }
        *fuel = fuel.checked_sub(1)?;
        if self.always(symbols, factor, depth) {
            return Some(true);
        }
        self.always(symbols, &factor.scale(-1)?, depth)
            .then_some(false)
    }

    /// A claim about invariants: proved, impossible, or a condition.
    fn settle(&self, symbols: &Symbols, claim: &Poly) -> Option<Conditions> {
        if self.is_true(symbols, claim) {
            return Some(Vec::new());
        }
        let impossible = (symbols.range_of(claim)).is_some_and(|range| range.hi < 0);
        (!impossible).then(|| vec![claim.clone()])
    }

    fn is_true(&self, symbols: &Symbols, claim: &Poly) -> bool {
        if self.minimum(symbols, claim).is_some_and(|least| least >= 0) {
            return true;
        }
        let follows_from = |fact: &Poly| {
            let gap = claim.sub(fact);
            gap.and_then(|gap| self.minimum(symbols, &gap))
                .is_some_and(|least| least >= 0)
        };
        self.facts.iter().any(follows_from)
    }

    /// Whether `claim` is negative for sure, as far as facts say so, also multiplied by what is not negative.
    pub(crate) fn is_false(&self, symbols: &Symbols, claim: &Poly) -> bool {
        let Some(opposite) = claim.scale(-1).and_then(|claim| claim.plus(-1)) else {
            return false;
        };
        if self.is_true(symbols, &opposite) {
            return true;
        }
        let factors = claim.symbols().into_iter();
        let products = factors
            .filter(|&symbol| symbols.range(symbol).lo >= 0)
            .flat_map(|symbol| {
                let product = move |fact: &Poly| fact.mul(&symbol.into());
                self.facts.iter().filter_map(product)
            });
        products.into_iter().any(|fact| {
            let gap = opposite.sub(&fact);
            gap.and_then(|gap| self.minimum(symbols, &gap))
                .is_some_and(|least| least >= 0)
        })
    }

    /// A lower bound of a polynomial over invariants. Written over their distances from the least values they may have, it is least where
    /// terms with positive factors are 0 and others as large as they get.
    fn minimum(&self, symbols: &Symbols, claim: &Poly) -> Option<i128> {
        let mut shifted = claim.clone();
        let least = |symbol: Symbol| {
            let known = self.least.iter().filter(|(known, _)| *known == symbol);
            let least = known.map(|(_, least)| *least).max();
            least.unwrap_or(i128::MIN).max(symbols.range(symbol).lo)
        };
        for symbol in claim.symbols() {
            let low = least(symbol);
            if low != 0 {
                let value = Poly::from(symbol).plus(low)?;
                shifted = shifted.substitute(symbol, &value)?;
            }
        }
        let mut sum = shifted.constant_term();
        for (product, factor) in shifted.terms() {
            if product.is_empty() || factor > 0 {
                continue;
            }
            let mut term = factor;
            for &symbol in product {
                let range = symbols.range(symbol);
                term = term.checked_mul(range.hi.checked_sub(least(symbol))?.max(0))?;
            }
            sum = sum.checked_add(term)?;
        }
        Some(sum)
    }

    /// Whether `claim` follows from `conditions`, each taken for itself.
    pub(crate) fn follows(&self, symbols: &Symbols, claim: &Poly, conditions: &[Poly]) -> bool {
        conditions.iter().any(|condition| {
            condition == claim
                || (claim.sub(condition)).is_some_and(|gap| self.is_true(symbols, &gap))
        })
    }

    /// Conditions under which a polynomial is a value of a type.
    pub(crate) fn prove_in_type(
        &self,
        symbols: &Symbols,
        poly: &Poly,
        ty: ScalarTy,
    ) -> Option<Conditions> {
        let range = range_of_ty(ty)?;
        let mut conditions = self.prove(symbols, &poly.plus(range.lo.checked_neg()?)?)?;
        let below = Poly::constant(range.hi).sub(poly)?;
        add_all(&mut conditions, self.prove(symbols, &below)?);
        Some(conditions)
    }

    /// Conditions under which an expression agrees with its polynomial.
    pub(crate) fn prove_needs(&self, scope: &Scope<'_>, exact: &Exact) -> Option<Conditions> {
        let mut conditions = Vec::new();
        for (poly, ty) in &exact.needs {
            add_all(
                &mut conditions,
                self.prove_in_type(&scope.symbols, poly, *ty)?,
            );
        }
        Some(conditions)
    }
}

/// Adds what is not there yet.
pub(crate) fn add_all(all: &mut Conditions, more: Conditions) {
    for condition in more {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
}
