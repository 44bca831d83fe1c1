//! What an iteration has to do, in the unit of [`crate::parallel::MIN_WORK`]: an addition or multiplication of 64-bit numbers with its loads and stores.
//! Numbers of fewer bits take as much less, as more of them are in a vector.
//!
//! The estimate is a polynomial of what is known before the loop, since inner loops run as often as arguments say; where they say
//! nothing, a guess.

use std::collections::HashSet;

use crate::analysis::affine::Scope;
use crate::analysis::effects::Effects;
use crate::analysis::poly::{Path, Poly, Step, Symbol, SymbolKind, Symbols};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::edit::Edit;

/// What costs are counted in: the bytes of what is computed. The unit has eight.
pub(super) const UNIT: i128 = 8;
/// A division or a square root, over an addition.
const DIVISION: i128 = 4;
/// A function such as `sin`.
const FUNCTION: i128 = 8;
/// The lesser of two floats, as neither may be a NaN.
const EXTREMUM: i128 = 2;
/// A call of a function of the program.
const CALL: i128 = 60 * UNIT;
/// How often a loop runs of which nothing is known.
const UNKNOWN_TRIPS: i128 = 24;
/// A statement that computes nothing.
const STATEMENT: i128 = UNIT;

/// What one iteration of a loop costs.
pub(super) struct Cost {
    /// In bytes.
    pub(super) poly: Poly,
    /// How many iterations there are, if that is known.
    pub(super) count: Option<Poly>,
    pub(super) symbols: Symbols,
    /// Whether there are loops as in a product of matrices ([`has_rectangle`]).
    pub(super) dense: bool,
}

/// The cost of one iteration of the loop that is this statement.
pub(super) fn cost_of(func: &Function, stmt: &Stmt, for_loop: &Loop) -> Cost {
    let mut counter = Counter {
        func,
        scope: Scope::new(func, Effects::of_stmt(func, stmt)),
        addresses: addresses(func, &for_loop.body),
        ranges: Vec::new(),
        scattered: !has_unit_step(func, for_loop),
    };
    let count = counter.count(for_loop);
    counter.enter(for_loop);
    let mut poly = counter.block(&for_loop.body);
    let invariant = (poly.symbols().into_iter()).all(|symbol| counter.scope.is_invariant(symbol));
    if !invariant {
        poly = Poly::constant(poly.constant_term().max(1));
    }
    Cost {
        poly,
        count,
        symbols: counter.scope.symbols,
        dense: has_rectangle(func, &for_loop.body),
    }
}

fn has_unit_step(func: &Function, for_loop: &Loop) -> bool {
    let one = ExprKind::Const(ConstValue::Int(1));
    func.exprs[for_loop.step].kind == one
}

/// Whether a block has a loop in a loop with bounds that the outer one does not change: what products of matrices have, and some of them are
/// computed in registers.
fn has_rectangle(func: &Function, block: &Block) -> bool {
    let mut found = false;
    block.for_each_stmt(|stmt| {
        let StmtKind::For(outer) = &stmt.kind else {
            return;
        };
        let effects = Effects::of_block(func, &outer.body);
        let fixed = |id: ExprId| {
            let mut asked = HashSet::new();
            ask(func, id, &mut asked);
            !asked.contains(&outer.var) && asked.is_disjoint(&effects.assigned)
        };
        outer.body.for_each_stmt(|stmt| {
            if let StmtKind::For(inner) = &stmt.kind {
                found |= fixed(inner.start) && fixed(inner.end);
            }
        });
    });
    found
}

/// The bytes of a number.
fn width(ty: &Ty) -> i128 {
    let bits = ty.as_scalar().map_or(64, |scalar| scalar.bits());
    i128::from(bits / 8).clamp(1, UNIT)
}

/// The locals assigned in a block that nothing but indices asks for.
fn addresses(func: &Function, block: &Block) -> HashSet<LocalId> {
    let (mut assigned, mut asked) = (HashSet::new(), HashSet::new());
    block.for_each_stmt(|stmt| match &stmt.kind {
        StmtKind::Assign { place, value } => {
            assigned.insert(place.local);
            ask(func, *value, &mut asked);
        }
        kind => {
            asked.extend(kind.place().map(|place| place.local));
            kind.for_each_expr(|expr| ask(func, expr, &mut asked));
        }
    });
    assigned.retain(|local| !asked.contains(local));
    assigned
}

/// Adds the locals whose value, or part of it, an expression has.
fn ask(func: &Function, expr: ExprId, asked: &mut HashSet<LocalId>) {
    let kind = &func.exprs[expr].kind;
    match kind.place() {
        Some(place) => {
            asked.insert(place.local);
        }
        None => kind.for_each_operand(|operand| ask(func, operand, asked)),
    }
}

struct Counter<'f> {
    func: &'f Function,
    scope: Scope<'f>,
    /// Locals that are parts of indices only.
    addresses: HashSet<LocalId>,
    /// Whether the innermost loop around has a step, so that elements are no vectors.
    scattered: bool,
    /// The least and the greatest value of the variables around, as far as known.
    ranges: Vec<(Symbol, Option<Poly>, Option<Poly>)>,
}

impl Counter<'_> {
    fn block(&mut self, block: &Block) -> Poly {
        let mut sum = Poly::default();
        for stmt in &block.stmts {
            let cost = self.stmt(stmt);
            sum = sum.add(&cost).unwrap_or(sum);
        }
        sum
    }

    fn stmt(&mut self, stmt: &Stmt) -> Poly {
        let mut own = STATEMENT;
        stmt.kind.for_each_expr(|expr| own += self.expr(expr));
        match &stmt.kind {
            StmtKind::Assign { value, place } => {
                let is_address = place.projections.is_empty()
                    && self.addresses.contains(&place.local)
                    && self.scope.poly(*value).is_some();
                let value = self.expr(*value);
                self.scope.assign(stmt);
                if is_address {
                    return Poly::default();
                }
                let stored = match place.projections.is_empty() || self.scattered {
                    true => STATEMENT * i128::from(!place.projections.is_empty()),
                    false => crate::text::place_ty(self.func, place).map_or(UNIT, width),
                };
                return Poly::constant(value.max(stored));
            }
            StmtKind::Call { .. } | StmtKind::HostCall { .. } => own += CALL,
            _ => {}
        }
        let own = Poly::constant(own);
        let inside = match &stmt.kind {
            StmtKind::For(inner) => {
                let trips = self.trips(inner);
                self.enter(inner);
                self.scope.forget_block(&inner.body);
                let around = self.scattered;
                self.scattered = !has_unit_step(self.func, inner);
                let body = self.block(&inner.body);
                self.scattered = around;
                self.scope.forget_block(&inner.body);
                self.ranges.pop();
                trips.mul(&body).unwrap_or(body)
            }
            StmtKind::While { body, .. } | StmtKind::Forever { body, .. } => {
                self.scope.forget_block(body);
                let cost = self.block(body);
                self.scope.forget_block(body);
                cost.scale(UNKNOWN_TRIPS).unwrap_or(cost)
            }
            StmtKind::If {
                then, otherwise, ..
            } => {
                let known = self.scope.known();
                let first = self.block(then);
                self.scope.restore(known.clone());
                let second = self.block(otherwise);
                self.scope.restore(known);
                self.scope.forget_block(then);
                self.scope.forget_block(otherwise);
                // One of both runs.
                let longer = first.terms().len() >= second.terms().len();
                if longer { first } else { second }
            }
            StmtKind::Labeled { body, .. } => {
                let cost = self.block(body);
                self.scope.forget_block(body);
                cost
            }
            _ => Poly::default(),
        };
        inside.add(&own).unwrap_or(inside)
    }

    /// How often the outermost loop runs.
    fn count(&mut self, for_loop: &Loop) -> Option<Poly> {
        let start = self.scope.poly(for_loop.start)?.poly;
        let end = self.scope.poly(for_loop.end)?.poly;
        let count = end.sub(&start)?.plus(i128::from(for_loop.inclusive))?;
        match &self.func.exprs[for_loop.step].kind {
            ExprKind::Const(ConstValue::Int(1)) => Some(count),
            _ => None,
        }
    }

    fn enter(&mut self, for_loop: &Loop) {
        let bound = |scope: &mut Scope<'_>, expr| scope.poly(expr).map(|exact| exact.poly);
        let start = bound(&mut self.scope, for_loop.start);
        let end = bound(&mut self.scope, for_loop.end);
        match self.scope.var(for_loop) {
            Some(var) => self.ranges.push((var, start, end)),
            // Nothing is expressed by it, but the stack stays even.
            None => {
                let none = SymbolKind::Quotient(Poly::default(), 1);
                let none =
                    (self.scope.symbols).symbol(none, crate::analysis::poly::Interval::new(0, 0));
                self.ranges.push((none, None, None));
            }
        }
    }

    /// How often a loop runs, at most, without its variables.
    fn trips(&mut self, inner: &Loop) -> Poly {
        let unknown = Poly::constant(UNKNOWN_TRIPS);
        let (Some(start), Some(end)) = (self.scope.poly(inner.start), self.scope.poly(inner.end))
        else {
            return unknown;
        };
        let step = match self.func.exprs[inner.step].kind {
            ExprKind::Const(ConstValue::Int(step)) => i128::try_from(step).unwrap_or(1).max(1),
            _ => 1,
        };
        let Some(mut trips) = end.poly.sub(&start.poly) else {
            return unknown;
        };
        for (var, least, greatest) in self.ranges.iter().rev() {
            let Some((factor, _)) = trips.linear_in(*var) else {
                return unknown;
            };
            if factor == Poly::default() {
                continue;
            }
            let falls = factor.terms().all(|(_, factor)| factor < 0);
            let bound = if falls { least } else { greatest };
            let Some(next) = bound
                .as_ref()
                .and_then(|bound| trips.substitute(*var, bound))
            else {
                return unknown;
            };
            trips = next;
        }
        if step > 1 {
            // A division by a constant is none that polynomials have.
            return match trips.as_constant() {
                Some(trips) => Poly::constant(trips / step),
                None => trips,
            };
        }
        match trips
            .symbols()
            .iter()
            .all(|&symbol| self.scope.is_invariant(symbol))
        {
            true => trips,
            false => unknown,
        }
    }

    /// Indices cost nothing of their own.
    fn expr(&self, id: ExprId) -> i128 {
        let expr = &self.func.exprs[id];
        let own = match &expr.kind {
            ExprKind::Load(_) | ExprKind::Len(_) | ExprKind::Borrow(_) => return 0,
            ExprKind::SubSlice { .. } => return STATEMENT,
            ExprKind::Binary {
                op: BinaryOp::Div | BinaryOp::Rem,
                ..
            } => DIVISION,
            ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Select { .. } => 1,
            ExprKind::Call { intrinsic, .. } => match intrinsic {
                Intrinsic::Min | Intrinsic::Max
                    if expr.ty.as_scalar().is_some_and(|ty| ty.is_float()) =>
                {
                    EXTREMUM
                }
                _ => intrinsic_cost(*intrinsic),
            },
            _ => 0,
        };
        // A comparison is one of its operands.
        let of = match &expr.kind {
            ExprKind::Binary { lhs, .. } => width(&self.func.exprs[*lhs].ty),
            _ => width(&expr.ty),
        };
        let mut sum = own * of;
        expr.kind
            .for_each_operand(|operand| sum += self.expr(operand));
        sum
    }
}

fn intrinsic_cost(intrinsic: Intrinsic) -> i128 {
    match intrinsic {
        Intrinsic::Sqrt
        | Intrinsic::Recip
        | Intrinsic::Powi
        | Intrinsic::DivEuclid
        | Intrinsic::RemEuclid
        | Intrinsic::DivCeil => DIVISION,
        Intrinsic::Cbrt
        | Intrinsic::Hypot
        | Intrinsic::Powf
        | Intrinsic::Exp
        | Intrinsic::Exp2
        | Intrinsic::ExpM1
        | Intrinsic::Ln
        | Intrinsic::Log
        | Intrinsic::Log2
        | Intrinsic::Log10
        | Intrinsic::Ln1p
        | Intrinsic::Sin
        | Intrinsic::Cos
        | Intrinsic::Tan
        | Intrinsic::SinCos
        | Intrinsic::Asin
        | Intrinsic::Acos
        | Intrinsic::Atan
        | Intrinsic::Atan2
        | Intrinsic::Sinh
        | Intrinsic::Cosh
        | Intrinsic::Tanh
        | Intrinsic::Asinh
        | Intrinsic::Acosh
        | Intrinsic::Atanh => FUNCTION,
        _ => 1,
    }
}

impl Cost {
    /// The cost in bytes as an `f64`, which no arguments make overflow.
    fn expr(&self, edit: &mut Edit<'_>) -> ExprId {
        let mut sum = None;
        for (product, factor) in self.poly.terms() {
            let number = ConstValue::F64((factor as f64).to_bits());
            let mut term = edit.expr(ExprKind::Const(number), F64);
            for &symbol in product {
                let value = self.symbol(edit, symbol);
                term = edit.binary(BinaryOp::Mul, term, value);
            }
            sum = Some(match sum {
                Some(sum) => edit.binary(BinaryOp::Add, sum, term),
                None => term,
            });
        }
        let one = edit.expr(ExprKind::Const(ConstValue::F64(1f64.to_bits())), F64);
        match sum {
            Some(sum) => edit.max(sum, one),
            None => one,
        }
    }

    /// The cost in units.
    pub(super) fn units(&self, edit: &mut Edit<'_>) -> ExprId {
        let bytes = self.expr(edit);
        let unit = ConstValue::F64((1.0 / UNIT as f64).to_bits());
        let unit = edit.expr(ExprKind::Const(unit), F64);
        edit.binary(BinaryOp::Mul, bytes, unit)
    }

    pub(super) fn value(&self, edit: &mut Edit<'_>, poly: &Poly) -> ExprId {
        let part = Cost {
            poly: poly.clone(),
            count: None,
            symbols: self.symbols.clone(),
            dense: self.dense,
        };
        part.expr(edit)
    }

    fn symbol(&self, edit: &mut Edit<'_>, symbol: Symbol) -> ExprId {
        let cast = |edit: &mut Edit<'_>, operand| edit.expr(ExprKind::Cast { operand }, F64);
        match self.symbols.kind(symbol) {
            SymbolKind::Value(path) => {
                let value = edit.load_place(place_of(path));
                cast(edit, value)
            }
            SymbolKind::Len(path) => {
                let len = edit.expr(ExprKind::Len(place_of(path)), Ty::USIZE);
                cast(edit, len)
            }
            SymbolKind::Quotient(poly, divisor) => {
                let dividend = self.value(edit, poly);
                let divisor = ConstValue::F64((*divisor as f64).to_bits());
                let divisor = edit.expr(ExprKind::Const(divisor), F64);
                edit.binary(BinaryOp::Div, dividend, divisor)
            }
            SymbolKind::Min(a, b) => {
                let (a, b) = (self.value(edit, a), self.value(edit, b));
                edit.min(a, b)
            }
            SymbolKind::Max(a, b) => {
                let (a, b) = (self.value(edit, a), self.value(edit, b));
                edit.max(a, b)
            }
            SymbolKind::Instance(..) => edit.expr(ExprKind::Const(ConstValue::F64(0)), F64),
        }
    }
}

const F64: Ty = Ty::Scalar(ScalarTy::F64);

pub(super) fn place_of(path: &Path) -> Place {
    let place = Place::local(path.local);
    path.steps.iter().fold(place, |place, step| match step {
        Step::Field(field) => place.field(*field),
        Step::Deref => place.deref(),
    })
}
