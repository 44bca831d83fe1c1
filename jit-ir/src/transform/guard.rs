//! The guard of a loop: conditions on polynomials as an expression, in `i128`, where nothing overflows.

use std::collections::BTreeSet;

use crate::analysis::poly::{Path, Poly, Step, Symbol, SymbolKind, Symbols};
use crate::analysis::prove::Conditions;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, SiteId};
use crate::func::{Function, Site, SiteKind};
use crate::span::Span;
use crate::text::place_ty;
use crate::ty::{ScalarTy, Ty};

/// No partial sum or product is larger than 2 to this power.
const MAX_BITS: f64 = 125.0;
/// Powers of 2 that factors of products may be limited by, so that the product is small enough.
const LIMITS: [u32; 6] = [62, 40, 31, 24, 20, 15];

/// Makes expressions for conditions.
pub(super) struct GuardBuilder<'a> {
    func: &'a mut Function,
    symbols: &'a Symbols,
    span: Span,
    /// Symbols that must be at most 2 to this power.
    limited: BTreeSet<(Symbol, u32)>,
}

impl<'a> GuardBuilder<'a> {
    pub(super) fn new(func: &'a mut Function, symbols: &'a Symbols, span: Span) -> Self {
        GuardBuilder {
            func,
            symbols,
            span,
            limited: BTreeSet::new(),
        }
    }

    /// Expressions that are all true only if none of the polynomials is negative. They trap for nothing. `None` if that cannot be
    /// computed.
    pub(super) fn build(mut self, conditions: &Conditions) -> Option<Vec<ExprId>> {
        let mut all = Vec::with_capacity(conditions.len());
        for condition in conditions {
            self.limit(condition)?;
            all.push(self.comparison(condition)?);
        }
        for (symbol, bits) in std::mem::take(&mut self.limited) {
            let value = self.symbol(symbol)?;
            let limit = self.number(1 << bits);
            all.push(self.binary(BinaryOp::Le, value, limit, Ty::BOOL));
        }
        Some(all)
    }

    /// How many bits the greatest absolute value of a polynomial has, term by term, where factors of products are at most
    /// `2^limit`.
    fn bits_of(&self, poly: &Poly, limit: Option<u32>) -> f64 {
        let bits_of_symbol = |symbol: Symbol, product: bool| {
            let range = self.symbols.range(symbol);
            let natural = magnitude(range.lo).max(magnitude(range.hi));
            match limit {
                Some(limit) if product && range.lo >= 0 => natural.min(f64::from(limit) + 0.01),
                _ => natural,
            }
        };
        let terms = poly.terms().map(|(symbols, factor)| {
            let product = symbols.len() > 1;
            let symbols = symbols.iter();
            magnitude(factor)
                + symbols
                    .map(|&symbol| bits_of_symbol(symbol, product))
                    .sum::<f64>()
        });
        // Any sum of terms is at most the largest times their number.
        let count = poly.terms().len().max(1) as f64;
        terms.fold(0.0, f64::max) + count.log2()
    }

    /// Sees to it that the polynomial, and the ones in its symbols, can be computed without overflow.
    fn limit(&mut self, poly: &Poly) -> Option<()> {
        if self.bits_of(poly, None) > MAX_BITS {
            let fits = |limit: &&u32| self.bits_of(poly, Some(**limit)) <= MAX_BITS;
            let limit = *LIMITS.iter().find(fits)?;
            for (symbols, _) in poly.terms() {
                if symbols.len() > 1 {
                    self.limited
                        .extend(symbols.iter().map(|&symbol| (symbol, limit)));
                }
            }
        }
        let symbols = self.symbols;
        for symbol in poly.symbols() {
            match symbols.kind(symbol) {
                SymbolKind::Value(_) | SymbolKind::Len(_) => {}
                SymbolKind::Quotient(poly, _) => self.limit(poly)?,
                SymbolKind::Min(a, b) | SymbolKind::Max(a, b) => {
                    self.limit(a)?;
                    self.limit(b)?;
                }
                SymbolKind::Instance(..) => return None,
            }
        }
        Some(())
    }

    /// `poly >= 0`, as `negative terms <= positive terms`.
    fn comparison(&mut self, poly: &Poly) -> Option<ExprId> {
        let mut sides = [None, None];
        for (product, factor) in poly.terms() {
            let side = &mut sides[usize::from(factor > 0)];
            let term = self.term(product, factor.checked_abs()?)?;
            *side = Some(match *side {
                Some(sum) => self.binary(BinaryOp::Add, sum, term, I128),
                None => term,
            });
        }
        let [left, right] = sides.map(|side| side.unwrap_or_else(|| self.number(0)));
        Some(self.binary(BinaryOp::Le, left, right, Ty::BOOL))
    }

    fn value(&mut self, poly: &Poly) -> Option<ExprId> {
        let mut sum = None;
        for (product, factor) in poly.terms() {
            let term = self.term(product, factor)?;
            sum = Some(match sum {
                Some(sum) => self.binary(BinaryOp::Add, sum, term, I128),
                None => term,
            });
        }
        Some(sum.unwrap_or_else(|| self.number(0)))
    }

    fn term(&mut self, product: &[Symbol], factor: i128) -> Option<ExprId> {
        let mut value = (product.is_empty() || factor != 1).then(|| self.number(factor));
        for &symbol in product {
            let symbol = self.symbol(symbol)?;
            value = Some(match value {
                Some(value) => self.binary(BinaryOp::Mul, value, symbol, I128),
                None => symbol,
            });
        }
        value
    }

    fn symbol(&mut self, symbol: Symbol) -> Option<ExprId> {
        let symbols = self.symbols;
        match symbols.kind(symbol) {
            SymbolKind::Value(path) => {
                let place = place_of(path);
                let ty = place_ty(self.func, &place)?.clone();
                let value = self.push(ExprKind::Load(place), ty);
                Some(self.cast(value, ScalarTy::I128))
            }
            SymbolKind::Len(path) => {
                let value = self.push(ExprKind::Len(place_of(path)), Ty::USIZE);
                Some(self.cast(value, ScalarTy::I128))
            }
            // In 64 bits, where division is quick. What is negative becomes something else, but then the symbol is not used.
            SymbolKind::Quotient(poly, divisor) => {
                let divisor = u64::try_from(*divisor).ok()?;
                let dividend = self.value(poly)?;
                let dividend = self.cast(dividend, ScalarTy::Usize);
                let divisor = ConstValue::Int(u128::from(divisor));
                let divisor = self.push(ExprKind::Const(divisor), Ty::USIZE);
                let kind = ExprKind::Binary {
                    op: BinaryOp::Div,
                    lhs: dividend,
                    rhs: divisor,
                    site: Some(self.division_site()),
                };
                let value = self.push(kind, Ty::USIZE);
                Some(self.cast(value, ScalarTy::I128))
            }
            SymbolKind::Min(a, b) => self.extremum(a, b, BinaryOp::Le),
            SymbolKind::Max(a, b) => self.extremum(a, b, BinaryOp::Ge),
            // Another iteration's value: nothing has it.
            SymbolKind::Instance(..) => None,
        }
    }

    fn extremum(&mut self, a: &Poly, b: &Poly, op: BinaryOp) -> Option<ExprId> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        let cond = self.binary(op, left, right, Ty::BOOL);
        let (then, otherwise) = (self.value(a)?, self.value(b)?);
        let kind = ExprKind::Select {
            cond,
            then,
            otherwise,
        };
        Some(self.push(kind, I128))
    }

    fn division_site(&mut self) -> SiteId {
        division_site(self.func, self.span)
    }

    fn number(&mut self, value: i128) -> ExprId {
        self.push(ExprKind::Const(ConstValue::Int(value as u128)), I128)
    }

    fn cast(&mut self, operand: ExprId, ty: ScalarTy) -> ExprId {
        self.push(ExprKind::Cast { operand }, Ty::Scalar(ty))
    }

    fn binary(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, ty: Ty) -> ExprId {
        let kind = ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        };
        self.push(kind, ty)
    }

    fn push(&mut self, kind: ExprKind, ty: Ty) -> ExprId {
        push_expr(self.func, kind, ty, self.span)
    }
}

/// The site of divisions by constants, which never trap. A function has one at most.
pub(super) fn division_site(func: &mut Function, span: Span) -> SiteId {
    let site = Site {
        kind: SiteKind::Binary(BinaryOp::Div),
        span,
        origin: 0,
        node: 0,
        operands: vec![Ty::USIZE; 2],
    };
    let same = |other: &Site| {
        (&other.kind, other.node, &other.operands) == (&site.kind, site.node, &site.operands)
    };
    let known = func.sites.iter().find(|(_, other)| same(other));
    match known {
        Some((known, _)) => known,
        None => func.sites.push(site),
    }
}

const I128: Ty = Ty::Scalar(ScalarTy::I128);

/// Whether all of these hold; `None` for none.
pub(super) fn conjunction(
    func: &mut Function,
    conditions: impl IntoIterator<Item = ExprId>,
    span: Span,
) -> Option<ExprId> {
    conditions.into_iter().reduce(|lhs, rhs| {
        let kind = ExprKind::Binary {
            op: BinaryOp::BitAnd,
            lhs,
            rhs,
            site: None,
        };
        push_expr(func, kind, Ty::BOOL, span)
    })
}

/// Adds an expression.
pub(super) fn push_expr(func: &mut Function, kind: ExprKind, ty: Ty, span: Span) -> ExprId {
    let id = func.exprs.push(Expr { kind, ty });
    func.expr_spans.resize(id.index(), Span::UNKNOWN);
    func.expr_spans.push(span);
    id
}

pub(super) fn place_of(path: &Path) -> Place {
    let place = Place::local(path.local);
    path.steps.iter().fold(place, |place, step| match step {
        Step::Field(field) => place.field(*field),
        Step::Deref => place.deref(),
    })
}

/// The binary logarithm of an absolute value, rounded up a little.
fn magnitude(value: i128) -> f64 {
    match value.unsigned_abs() {
        0 => 0.0,
        value => (value as f64).log2() + 1e-6,
    }
}
