//! How much a loop has to do at most, as far as it can be told from the arguments of its function.
//!
//! A loop's bounds are mostly known where it stands only, as locals. What those are at most follows from what is assigned to them, down to parameters and
//! lengths of slices. An amount is an estimate, which decides what runs and never what comes out: arithmetic is taken to be exact.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::analysis::affine::signed_value;
use crate::analysis::effects::Effects;
use crate::analysis::poly::{Interval, Path, Poly, Symbol, SymbolKind, Symbols};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::edit::Edit;
use super::cost::place_of;

/// How deep definitions are followed.
const MOST_DEEP: u32 = 24;
/// How many expressions are looked at for one amount.
const MOST_STEPS: u32 = 400;
/// How many operations an amount has.
const MOST_PARTS: usize = 48;

/// A number that is told from arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Amount {
    Number(f64),
    /// An integer that is passed, or what a reference that is passed leads to.
    Value(Place),
    /// The length of a slice that is passed.
    Len(Place),
    Of(Operation, Box<[Amount; 2]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

impl Amount {
    pub(super) fn of(self, operation: Operation, other: Amount) -> Amount {
        use Amount::{Number, Of};
        match (operation, &self, &other) {
            (_, &Number(a), &Number(b)) => Number(match operation {
                Operation::Add => a + b,
                Operation::Sub => a - b,
                Operation::Mul => a * b,
                Operation::Div => a / b,
                Operation::Min => a.min(b),
                Operation::Max => a.max(b),
            }),
            (Operation::Add | Operation::Sub, _, &Number(0.0)) => self,
            (Operation::Mul | Operation::Div, _, &Number(1.0)) => self,
            (Operation::Add, &Number(0.0), _) | (Operation::Mul, &Number(1.0), _) => other,
            (Operation::Mul, &Number(0.0), _) | (Operation::Mul, _, &Number(0.0)) => Number(0.0),
            _ => Of(operation, Box::new([self, other])),
        }
    }

    /// Lengths and unsigned numbers are no less than 0.
    fn or_zero(self) -> Amount {
        match self {
            Amount::Number(number) => Amount::Number(number.max(0.0)),
            Amount::Of(Operation::Sub, _) => self.of(Operation::Max, Amount::Number(0.0)),
            _ => self,
        }
    }

    fn parts(&self) -> usize {
        match self {
            Amount::Of(_, operands) => 1 + operands.iter().map(Amount::parts).sum::<usize>(),
            _ => 1,
        }
    }

    /// As an expression of the type `f64`, which may stand where the function begins.
    fn expr(&self, edit: &mut Edit<'_>) -> ExprId {
        const F64: Ty = Ty::Scalar(ScalarTy::F64);
        match self {
            Amount::Number(number) => {
                let number = ConstValue::F64(number.to_bits());
                edit.expr(ExprKind::Const(number), F64)
            }
            Amount::Value(_) | Amount::Len(_) => {
                let operand = self.leaf(edit);
                edit.expr(ExprKind::Cast { operand }, F64)
            }
            Amount::Of(operation, operands) => {
                let [a, b] = [&operands[0], &operands[1]].map(|operand| operand.expr(edit));
                match operation {
                    Operation::Add => edit.binary(BinaryOp::Add, a, b),
                    Operation::Sub => edit.binary(BinaryOp::Sub, a, b),
                    Operation::Mul => edit.binary(BinaryOp::Mul, a, b),
                    Operation::Div => edit.binary(BinaryOp::Div, a, b),
                    Operation::Min => edit.min(a, b),
                    Operation::Max => edit.max(a, b),
                }
            }
        }
    }

    fn leaf(&self, edit: &mut Edit<'_>) -> ExprId {
        match self {
            Amount::Len(place) => edit.expr(ExprKind::Len(place.clone()), Ty::USIZE),
            Amount::Value(place) => edit.load_place(place.clone()),
            Amount::Number(_) | Amount::Of(..) => edit.usize(0),
        }
    }

    /// Whether it is at least so much.
    pub(super) fn is_at_least(&self, least: f64, edit: &mut Edit<'_>) -> ExprId {
        // Mostly it is a length times a number: that takes no floats.
        let (factor, leaf) = match self {
            Amount::Of(Operation::Mul, operands) => match &**operands {
                [Amount::Number(factor), leaf] | [leaf, Amount::Number(factor)] => (*factor, leaf),
                _ => (1.0, self),
            },
            _ => (1.0, self),
        };
        let is_usize = match leaf {
            Amount::Len(_) => true,
            Amount::Value(place) => {
                crate::text::place_ty(edit.func, place).is_some_and(|ty| *ty == Ty::USIZE)
            }
            Amount::Number(_) | Amount::Of(..) => false,
        };
        let number = (least / factor).ceil();
        if is_usize && factor > 0.0 && (0.0..2f64.powi(63)).contains(&number) {
            let value = leaf.leaf(edit);
            let number = edit.usize(number as u64);
            return edit.binary(BinaryOp::Ge, value, number);
        }
        let all = self.expr(edit);
        let least = Amount::Number(least).expr(edit);
        edit.binary(BinaryOp::Ge, all, least)
    }
}

/// Finds out what values are at most, and at least.
pub(super) struct Bounds<'f> {
    func: &'f Function,
    /// Parameters that are never assigned.
    params: HashSet<LocalId>,
    /// Start and end of the loops whose variable a local is.
    loops: HashMap<LocalId, Vec<(ExprId, ExprId)>>,
    /// All that is assigned to a local as a whole.
    values: HashMap<LocalId, Vec<ExprId>>,
    /// Locals that are something else, too.
    unknown: HashSet<LocalId>,
    /// What a local is no more than in the `while` loops that say so.
    limits: HashMap<LocalId, Vec<ExprId>>,
    /// The locals that are being looked at.
    open: RefCell<Vec<LocalId>>,
    steps: Cell<u32>,
    /// Whether an amount is that of one iteration of a loop around.
    varies: Cell<bool>,
    /// What symbols stand for that [`Self::in_offsets`] made.
    offsets: RefCell<HashMap<Symbol, ExprId>>,
}

impl<'f> Bounds<'f> {
    pub(super) fn new(func: &'f Function) -> Self {
        let effects = Effects::of_block(func, &func.body);
        let params = func.params.iter().copied();
        let mut bounds = Bounds {
            func,
            params: params
                .filter(|param| !effects.assigned.contains(param))
                .collect(),
            loops: HashMap::new(),
            values: HashMap::new(),
            unknown: HashSet::new(),
            limits: HashMap::new(),
            open: RefCell::default(),
            steps: Cell::new(0),
            varies: Cell::new(false),
            offsets: RefCell::default(),
        };
        bounds.read(&func.body);
        bounds
    }

    fn read(&mut self, block: &Block) {
        block.for_each_stmt(|stmt| {
            match &stmt.kind {
                StmtKind::For(inner) => {
                    let known = self.loops.entry(inner.var).or_default();
                    known.push((inner.start, inner.end));
                    return;
                }
                StmtKind::While { cond, .. } => self.limit(*cond),
                _ => {}
            }
            let Some(place) = stmt.kind.place() else {
                return;
            };
            match &stmt.kind {
                StmtKind::Assign { value, .. } if place.projections.is_empty() => {
                    self.values.entry(place.local).or_default().push(*value);
                }
                _ => {
                    self.unknown.insert(place.local);
                }
            }
        });
    }

    /// What the condition of a loop says of locals.
    fn limit(&mut self, cond: ExprId) {
        let local_of = |id: ExprId| match &self.func.exprs[id].kind {
            ExprKind::Load(place) if place.projections.is_empty() => Some(place.local),
            _ => None,
        };
        match self.func.exprs[cond].kind {
            ExprKind::ShortCircuit {
                or: false,
                lhs,
                rhs,
            } => {
                self.limit(lhs);
                self.limit(rhs);
            }
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (less, more) = match op {
                    BinaryOp::Lt | BinaryOp::Le => (lhs, rhs),
                    BinaryOp::Gt | BinaryOp::Ge => (rhs, lhs),
                    _ => return,
                };
                if let Some(local) = local_of(less) {
                    self.limits.entry(local).or_default().push(more);
                }
            }
            _ => {}
        }
    }

    /// The iterations of a loop times what each has to do: at most so much, and whether it is less in most iterations of a loop around. `count` and `each` are in
    /// terms of what is known before the loop.
    pub(super) fn amount(
        &self,
        for_loop: &Loop,
        count: Option<&Poly>,
        each: Option<&Poly>,
        symbols: &Symbols,
    ) -> Option<(Amount, bool)> {
        self.steps.set(0);
        self.varies.set(false);
        self.offsets.borrow_mut().clear();
        let mut symbols = symbols.clone();
        let count = count.map(|count| self.in_offsets(count, &mut symbols));
        let each = each.map(|each| self.in_offsets(each, &mut symbols));
        let symbols = &symbols;
        let by_poly = (count.as_ref()).and_then(|count| self.of_poly(symbols, count));
        let count = match by_poly {
            Some(count) => count,
            None => {
                let (start, end) = (self.least(for_loop.start), self.most(for_loop.end)?);
                end.of(Operation::Sub, start.unwrap_or(Amount::Number(0.0)))
            }
        };
        let amount = match each {
            Some(each) => {
                let each = self.of_poly(symbols, &each)?;
                each.of(Operation::Mul, count.or_zero())
            }
            None => count.or_zero(),
        };
        (amount.parts() <= MOST_PARTS).then_some((amount, self.varies.get()))
    }

    /// A polynomial in which locals that are another one and something (`to = block + min(32, ..)`) are these: what stands for the other one often
    /// falls out (`to - block`), where bounds of each alone would say little.
    fn in_offsets(&self, poly: &Poly, symbols: &mut Symbols) -> Poly {
        let mut poly = poly.clone();
        for symbol in poly.symbols() {
            let Some((base, offset)) = symbols.local(symbol).and_then(|it| self.offset(it)) else {
                continue;
            };
            let anywhere = Interval::new(0, i64::MAX.into());
            let path = Path {
                local: base,
                steps: Vec::new(),
            };
            let base = symbols.symbol(SymbolKind::Value(path), anywhere);
            let rest = symbols.symbol(SymbolKind::Instance(symbol, 0), anywhere);
            let sum = Poly::from(base).add(&Poly::from(rest));
            if let Some(by) = sum.and_then(|sum| poly.substitute(symbol, &sum)) {
                self.offsets.borrow_mut().insert(rest, offset);
                poly = by;
            }
        }
        poly
    }

    /// The local and the value of which a local is the sum wherever it is used.
    fn offset(&self, local: LocalId) -> Option<(LocalId, ExprId)> {
        let known = !self.unknown.contains(&local)
            && !self.loops.contains_key(&local)
            && !self.func.params.contains(&local);
        let [value] = self.values.get(&local).filter(|_| known)?[..] else {
            return None;
        };
        let ExprKind::Binary {
            op: BinaryOp::Add,
            lhs,
            rhs,
            ..
        } = self.func.exprs.get(value)?.kind
        else {
            return None;
        };
        let ExprKind::Load(base) = &self.func.exprs.get(lhs)?.kind else {
            return None;
        };
        let is_counter = self.loops.contains_key(&base.local);
        (base.projections.is_empty() && is_counter).then_some((base.local, rhs))
    }

    fn of_poly(&self, symbols: &Symbols, poly: &Poly) -> Option<Amount> {
        let mut sum = Amount::Number(0.0);
        for (product, factor) in poly.terms() {
            let mut term = Amount::Number(factor.unsigned_abs() as f64);
            let mut is_known = true;
            for &symbol in product {
                let of_symbol = match factor > 0 {
                    true => self.of_symbol(symbols, symbol, true),
                    false => self.of_symbol(symbols, symbol, false),
                };
                match of_symbol {
                    Some(value) => term = term.of(Operation::Mul, value),
                    None => is_known = false,
                }
            }
            match (factor > 0, is_known) {
                (true, true) => sum = sum.of(Operation::Add, term),
                (true, false) => return None,
                (false, true) => sum = sum.of(Operation::Sub, term),
                (false, false) => {}
            }
        }
        Some(sum)
    }

    fn of_symbol(&self, symbols: &Symbols, symbol: Symbol, most: bool) -> Option<Amount> {
        let of = |poly: &Poly| match most {
            true => self.of_poly(symbols, poly),
            false => None,
        };
        match symbols.kind(symbol) {
            SymbolKind::Value(path) => self.of_place(&place_of(path), most),
            SymbolKind::Len(path) => self.of_len(&place_of(path), most),
            SymbolKind::Quotient(poly, divisor) => {
                let divisor = Amount::Number(*divisor as f64);
                Some(of(poly)?.of(Operation::Div, divisor))
            }
            SymbolKind::Min(a, b) => lesser(of(a), of(b)),
            SymbolKind::Max(a, b) => Some(of(a)?.of(Operation::Max, of(b)?)),
            SymbolKind::Instance(..) => {
                let offset = self.offsets.borrow().get(&symbol).copied()?;
                self.bound(offset, most)
            }
        }
    }

    fn most(&self, id: ExprId) -> Option<Amount> {
        self.bound(id, true)
    }

    fn least(&self, id: ExprId) -> Option<Amount> {
        self.bound(id, false)
    }

    fn of_place(&self, place: &Place, most: bool) -> Option<Amount> {
        let ty = crate::text::place_ty(self.func, place)?.as_scalar()?;
        if !ty.is_int() || ty.bits() > 64 {
            return None;
        }
        if self.is_passed(place) {
            return Some(Amount::Value(place.clone()));
        }
        let least = (!most && !ty.is_signed_int()).then_some(Amount::Number(0.0));
        if !place.projections.is_empty() {
            return least;
        }
        self.of_local(place.local, &mut |value| self.bound(value, most), most)
            .or(least)
    }

    /// Whether something is the same wherever the function is, or is taken to be: what a parameter leads to.
    fn is_passed(&self, place: &Place) -> bool {
        let is_step = |step: &Projection| !matches!(step, Projection::Index { .. });
        self.params.contains(&place.local) && place.projections.iter().all(is_step)
    }

    /// Of all that a local may be.
    fn of_local(
        &self,
        local: LocalId,
        bound: &mut dyn FnMut(ExprId) -> Option<Amount>,
        most: bool,
    ) -> Option<Amount> {
        if self.open.borrow().contains(&local) || self.open.borrow().len() > MOST_DEEP as usize {
            return None;
        }
        self.open.borrow_mut().push(local);
        let found = self.of_values(local, bound, most);
        self.open.borrow_mut().pop();
        found
    }

    fn of_values(
        &self,
        local: LocalId,
        bound: &mut dyn FnMut(ExprId) -> Option<Amount>,
        most: bool,
    ) -> Option<Amount> {
        if self.func.params.contains(&local) || self.unknown.contains(&local) {
            return None;
        }
        if most && let Some(limits) = self.limits.get(&local) {
            let limits = limits.iter().map(|&limit| bound(limit));
            let limit = limits.reduce(|a, b| Some(a?.of(Operation::Max, b?)));
            if let Some(Some(limit)) = limit {
                self.varies.set(true);
                return Some(limit);
            }
        }
        let of_loops = self.loops.get(&local).into_iter().flatten();
        if most && self.loops.contains_key(&local) {
            self.varies.set(true);
        }
        let of_loops = of_loops.map(|&(start, end)| if most { end } else { start });
        let values = self.values.get(&local).into_iter().flatten().copied();
        let all = of_loops.chain(values).map(bound);
        let operation = if most { Operation::Max } else { Operation::Min };
        all.reduce(|a, b| {
            let (a, b) = (a?, b?);
            Some(if a == b { a } else { a.of(operation, b) })
        })?
    }

    /// The length of a slice.
    fn of_len(&self, place: &Place, most: bool) -> Option<Amount> {
        if let Some(Ty::Array { len, .. }) = crate::text::place_ty(self.func, place) {
            return Some(Amount::Number(*len as f64));
        }
        if self.is_passed(place) {
            return Some(Amount::Len(place.clone()));
        }
        let least = (!most).then_some(Amount::Number(0.0));
        if !place.projections.is_empty() {
            return least;
        }
        self.of_local(place.local, &mut |value| self.len_of(value, most), most)
            .or(least)
    }

    fn len_of(&self, value: ExprId, most: bool) -> Option<Amount> {
        match &self.func.exprs.get(value)?.kind {
            ExprKind::Load(place) | ExprKind::Borrow(place) => self.of_len(place, most),
            ExprKind::SubSlice {
                base, start, end, ..
            } if most => {
                let whole = self.of_len(base, true);
                let end = match end {
                    Some(end) => lesser(self.most(*end), whole),
                    None => whole,
                };
                let start = start.and_then(|start| self.least(start));
                Some(end?.of(Operation::Sub, start.unwrap_or(Amount::Number(0.0))))
            }
            _ => None,
        }
    }

    /// What a value is at most, or at least.
    fn bound(&self, id: ExprId, most: bool) -> Option<Amount> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            return None;
        }
        let expr = self.func.exprs.get(id)?;
        let ty = expr.ty.as_scalar()?;
        if !ty.is_int() || ty.bits() > 64 {
            return None;
        }
        let least = (!most && !ty.is_signed_int()).then_some(Amount::Number(0.0));
        self.bound_of(&expr.kind, ty, most).or(least)
    }

    fn bound_of(&self, kind: &ExprKind, ty: ScalarTy, most: bool) -> Option<Amount> {
        let both = |a: ExprId, b: ExprId, operation| {
            Some(self.bound(a, most)?.of(operation, self.bound(b, most)?))
        };
        let difference = |a: ExprId, b: ExprId| {
            let less = self.bound(b, !most);
            let value = match less {
                Some(less) => self.bound(a, most)?.of(Operation::Sub, less),
                // Less than all of it.
                None if most => self.bound(a, true)?,
                None => return None,
            };
            Some(if ty.is_signed_int() {
                value
            } else {
                value.or_zero()
            })
        };
        let quotient = |a: ExprId, b: ExprId| {
            let one = Amount::Number(1.0);
            let divisor = self.bound(b, !most);
            let divisor = divisor.map(|divisor| divisor.of(Operation::Max, one));
            match (self.bound(a, most)?, divisor) {
                (value, Some(divisor)) => Some(value.of(Operation::Div, divisor)),
                (value, None) if most => Some(value),
                _ => None,
            }
        };
        match kind {
            ExprKind::Const(ConstValue::Int(value)) => {
                Some(Amount::Number(signed_value(*value, ty) as f64))
            }
            ExprKind::Load(place) => self.of_place(place, most),
            ExprKind::Len(place) => self.of_len(place, most),
            ExprKind::Cast { operand } => self.bound(*operand, most),
            ExprKind::Select {
                then, otherwise, ..
            } => {
                let operation = if most { Operation::Max } else { Operation::Min };
                both(*then, *otherwise, operation)
            }
            ExprKind::Binary { op, lhs, rhs, .. } => match op {
                BinaryOp::Add => both(*lhs, *rhs, Operation::Add),
                BinaryOp::Sub => difference(*lhs, *rhs),
                BinaryOp::Mul => both(*lhs, *rhs, Operation::Mul),
                BinaryOp::Div => quotient(*lhs, *rhs),
                BinaryOp::Rem | BinaryOp::BitAnd if most && !ty.is_signed_int() => {
                    lesser(self.most(*lhs), self.most(*rhs))
                }
                BinaryOp::Shl | BinaryOp::Shr => {
                    let ExprKind::Const(ConstValue::Int(bits)) = self.func.exprs.get(*rhs)?.kind
                    else {
                        return match op {
                            BinaryOp::Shr if most => self.most(*lhs),
                            _ => None,
                        };
                    };
                    let factor = Amount::Number(2f64.powi(i32::try_from(bits).ok()?));
                    let operation = match op {
                        BinaryOp::Shl => Operation::Mul,
                        _ => Operation::Div,
                    };
                    Some(self.bound(*lhs, most)?.of(operation, factor))
                }
                _ => None,
            },
            ExprKind::Call {
                intrinsic, args, ..
            } => match (intrinsic, &args[..]) {
                (Intrinsic::Min, &[a, b]) if most => lesser(self.most(a), self.most(b)),
                (Intrinsic::Min, &[a, b]) => both(a, b, Operation::Min),
                (Intrinsic::Max, &[a, b]) => both(a, b, Operation::Max),
                (Intrinsic::WrappingAdd | Intrinsic::SaturatingAdd, &[a, b]) => {
                    both(a, b, Operation::Add)
                }
                (Intrinsic::WrappingSub | Intrinsic::SaturatingSub, &[a, b]) => difference(a, b),
                (Intrinsic::WrappingMul | Intrinsic::SaturatingMul, &[a, b]) => {
                    both(a, b, Operation::Mul)
                }
                (Intrinsic::DivCeil, &[a, b]) => {
                    Some(quotient(a, b)?.of(Operation::Add, Amount::Number(1.0)))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The lesser of what is known.
fn lesser(a: Option<Amount>, b: Option<Amount>) -> Option<Amount> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.of(Operation::Min, b)),
        (one, other) => one.or(other),
    }
}
