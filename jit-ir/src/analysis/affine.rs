//! Integer expressions as polynomials.
//!
//! A [`Scope`] reads the expressions of a *region*, a loop for instance, in terms of what does not change in it: scalar locals that it
//! does not assign, lengths of slices, and the induction variables of counted loops. Locals that the region does assign (`let p = i * n + j;`)
//! are known by what was assigned to them last, as long as the caller says, in order, which statements have run ([`Scope::assign`],
//! [`Scope::forget`]).
//!
//! Arithmetic of machine integers wraps or traps, that of polynomials does not. So an expression of type `T` *agrees* with its polynomial:
//! its value is the polynomial's modulo `2^bits(T)`, provided that what it [needs](Exact::needs) holds. If also the polynomial's value is a
//! `T`, then that is the expression's value.

use std::collections::{HashMap, HashSet};

use super::effects::{Effects, exposed_locals, is_behind_pointer};
use super::poly::{Interval, Path, Poly, Step, Symbol, SymbolKind, Symbols};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// How deep expressions are read.
const MAX_DEPTH: usize = 64;

/// What an expression agrees with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    /// The polynomial.
    pub poly: Poly,
    /// Polynomials that must be values of these types, or the expression may be something else. They are over symbols that mean the same
    /// here as in `poly`.
    pub needs: Vec<(Poly, ScalarTy)>,
}

impl Exact {
    fn new(poly: Poly) -> Self {
        let needs = Vec::new();
        Exact { poly, needs }
    }

    fn combine(mut self, other: Exact, op: impl Fn(&Poly, &Poly) -> Option<Poly>) -> Option<Exact> {
        self.poly = op(&self.poly, &other.poly)?;
        self.needs.extend(other.needs);
        Some(self)
    }
}

/// Whether this is one symbol.
fn is_atom(poly: &Poly) -> bool {
    let mut terms = poly.terms();
    matches!((terms.next(), terms.next()), (Some(([_], 1)), None))
}

/// The values of an integer type; `None` for those whose values are no `i128`s or that are no integers.
pub fn range_of_ty(ty: ScalarTy) -> Option<Interval> {
    if !ty.is_int() || ty.bits() > 64 {
        return None;
    }
    Some(if ty.is_signed_int() {
        Interval::new(-(1 << (ty.bits() - 1)), (1 << (ty.bits() - 1)) - 1)
    } else {
        Interval::new(0, (1 << ty.bits()) - 1)
    })
}

/// What a [`Scope`] knows of the locals that its region assigns.
#[derive(Clone, Debug)]
pub struct Known(HashMap<LocalId, Exact>);

/// Reads the expressions of a region.
#[derive(Clone, Debug)]
pub struct Scope<'f> {
    func: &'f Function,
    /// The symbols that it has made.
    pub symbols: Symbols,
    effects: Effects,
    exposed: HashSet<LocalId>,
    loop_vars: HashSet<LocalId>,
    /// What locals that the region assigns are now: scalars by their value, slices by their length.
    known: HashMap<LocalId, Exact>,
}

impl<'f> Scope<'f> {
    /// For the region that has these effects.
    pub fn new(func: &'f Function, effects: Effects) -> Self {
        let mut loop_vars = HashSet::new();
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::For(for_loop) = &stmt.kind {
                loop_vars.insert(for_loop.var);
            }
        });
        Scope {
            func,
            symbols: Symbols::default(),
            effects,
            exposed: exposed_locals(func),
            loop_vars,
            known: HashMap::new(),
        }
    }

    /// The function.
    pub fn func(&self) -> &'f Function {
        self.func
    }

    /// What the region changes.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// Whether a symbol means the same all through the region: it involves no induction variable of the region.
    pub fn is_invariant(&self, symbol: Symbol) -> bool {
        let all = |poly: &Poly| self.is_invariant_poly(poly);
        match self.symbols.kind(symbol) {
            SymbolKind::Value(path) | SymbolKind::Len(path) => {
                !self.effects.vars.contains(&path.local)
            }
            SymbolKind::Quotient(poly, _) => all(poly),
            SymbolKind::Min(a, b) | SymbolKind::Max(a, b) => all(a) && all(b),
            SymbolKind::Instance(..) => false,
        }
    }

    /// Whether all symbols of a polynomial do.
    pub fn is_invariant_poly(&self, poly: &Poly) -> bool {
        (poly.symbols().into_iter()).all(|symbol| self.is_invariant(symbol))
    }

    /// The symbol of an induction variable.
    pub fn var(&mut self, for_loop: &Loop) -> Option<Symbol> {
        let ty = self.func.locals.get(for_loop.var)?.ty.as_scalar()?;
        let path = Path {
            local: for_loop.var,
            steps: Vec::new(),
        };
        Some(
            self.symbols
                .symbol(SymbolKind::Value(path), range_of_ty(ty)?),
        )
    }

    /// What an integer expression agrees with, if that can be said.
    pub fn poly(&mut self, expr: ExprId) -> Option<Exact> {
        self.poly_within(expr, MAX_DEPTH)
    }

    /// The same, as its very value.
    pub fn value(&mut self, expr: ExprId) -> Option<Exact> {
        let ty = self.scalar_ty(expr)?;
        let exact = self.poly(expr)?;
        Some(self.as_value(exact, ty))
    }

    /// The polynomial as the very value: what it needs then includes that it is a value of its type, unless it is a symbol that cannot be
    /// anything else. (Behind a cast a symbol of another type may be: `m as usize` agrees with `m`, and is something else for -1.)
    fn as_value(&self, mut exact: Exact, ty: ScalarTy) -> Exact {
        let fits = is_atom(&exact.poly)
            && range_of_ty(ty).is_some_and(|wanted| {
                (self.symbols.range_of(&exact.poly))
                    .is_some_and(|range| wanted.lo <= range.lo && range.hi <= wanted.hi)
            });
        if !fits {
            exact.needs.push((exact.poly.clone(), ty));
        }
        exact
    }

    fn scalar_ty(&self, expr: ExprId) -> Option<ScalarTy> {
        self.func.exprs.get(expr)?.ty.as_scalar()
    }

    fn poly_within(&mut self, expr: ExprId, depth: usize) -> Option<Exact> {
        let depth = depth.checked_sub(1)?;
        let expr = self.func.exprs.get(expr)?;
        let ty = expr.ty.as_scalar()?;
        range_of_ty(ty)?;
        match &expr.kind {
            ExprKind::Const(ConstValue::Int(bits)) => {
                Some(Exact::new(Poly::constant(signed_value(*bits, ty))))
            }
            ExprKind::Load(place) => self.load(place, ty),
            ExprKind::Len(place) => self.len(place),
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
                ..
            } => {
                let operand = self.poly_within(*operand, depth)?;
                Exact::new(Poly::default()).combine(operand, Poly::sub)
            }
            ExprKind::Binary { op, lhs, rhs, .. } => self.binary(*op, *lhs, *rhs, ty, depth),
            ExprKind::Cast { operand } => {
                let from = self.scalar_ty(*operand)?;
                range_of_ty(from)?;
                let operand = self.poly_within(*operand, depth)?;
                // To a type that is no wider, what is known modulo its width stays known.
                Some(match ty.bits() > from.bits() {
                    true => self.as_value(operand, from),
                    false => operand,
                })
            }
            ExprKind::Call {
                intrinsic, args, ..
            } => {
                let (a, b) = match args[..] {
                    [a, b] => (a, b),
                    _ => return None,
                };
                let a = self.poly_within(a, depth)?;
                let b = self.poly_within(b, depth)?;
                match intrinsic {
                    Intrinsic::WrappingAdd => a.combine(b, Poly::add),
                    Intrinsic::WrappingSub => a.combine(b, Poly::sub),
                    Intrinsic::WrappingMul => a.combine(b, Poly::mul),
                    Intrinsic::Min => {
                        let (a, b) = (self.as_value(a, ty), self.as_value(b, ty));
                        self.extremum(a, b, true)
                    }
                    Intrinsic::Max => {
                        let (a, b) = (self.as_value(a, ty), self.as_value(b, ty));
                        self.extremum(a, b, false)
                    }
                    Intrinsic::SaturatingSub if ty.is_unsigned_int() => {
                        let (a, b) = (self.as_value(a, ty), self.as_value(b, ty));
                        let difference = a.combine(b, Poly::sub)?;
                        self.extremum(difference, Exact::new(Poly::default()), false)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        ty: ScalarTy,
        depth: usize,
    ) -> Option<Exact> {
        let a = self.poly_within(lhs, depth)?;
        if let BinaryOp::Shl | BinaryOp::Shr = op {
            let ExprKind::Const(ConstValue::Int(distance)) = self.func.exprs.get(rhs)?.kind else {
                return None;
            };
            let power = match distance {
                0..=62 if distance < u128::from(ty.bits()) => 1i128 << distance,
                _ => return None,
            };
            return match op {
                BinaryOp::Shl => a.combine(Exact::new(Poly::constant(power)), Poly::mul),
                _ => self.quotient(a, power, ty),
            };
        }
        let b = self.poly_within(rhs, depth)?;
        match op {
            BinaryOp::Add => a.combine(b, Poly::add),
            BinaryOp::Sub => a.combine(b, Poly::sub),
            BinaryOp::Mul => a.combine(b, Poly::mul),
            BinaryOp::Div => {
                let divisor = b.poly.as_constant()?;
                self.quotient(a, divisor, ty)
            }
            BinaryOp::Rem => {
                let divisor = b.poly.as_constant()?;
                let quotient = self.quotient(a.clone(), divisor, ty)?;
                let multiple = Exact {
                    poly: quotient.poly.scale(divisor)?,
                    needs: quotient.needs,
                };
                a.combine(multiple, Poly::sub)
            }
            _ => None,
        }
    }

    /// `a / divisor` of an unsigned type.
    fn quotient(&mut self, a: Exact, divisor: i128, ty: ScalarTy) -> Option<Exact> {
        if divisor <= 0 || !ty.is_unsigned_int() || !self.is_invariant_poly(&a.poly) {
            return None;
        }
        let a = self.as_value(a, ty);
        let max = range_of_ty(ty)?.hi;
        let symbol = self.quotient_symbol(a.poly, divisor, max)?;
        Some(Exact {
            poly: symbol.into(),
            needs: a.needs,
        })
    }

    /// The symbol for a polynomial over invariants, which is not negative and at most `max` where the symbol is used, divided by a
    /// positive number.
    pub fn quotient_symbol(&mut self, poly: Poly, divisor: i128, max: i128) -> Option<Symbol> {
        let top = match self.symbols.range_of(&poly) {
            Some(range) => range.hi.min(max),
            None => max,
        };
        let range = Interval::new(0, top.max(0) / divisor);
        let kind = SymbolKind::Quotient(poly, divisor);
        Some(self.symbols.symbol(kind, range))
    }

    fn extremum(&mut self, a: Exact, b: Exact, least: bool) -> Option<Exact> {
        if !self.is_invariant_poly(&a.poly) || !self.is_invariant_poly(&b.poly) {
            return None;
        }
        let x = self.symbols.range_of(&a.poly)?;
        let y = self.symbols.range_of(&b.poly)?;
        let (kind, range) = match least {
            true => (
                SymbolKind::Min(a.poly, b.poly),
                Interval::new(x.lo.min(y.lo), x.hi.min(y.hi)),
            ),
            false => (
                SymbolKind::Max(a.poly, b.poly),
                Interval::new(x.lo.max(y.lo), x.hi.max(y.hi)),
            ),
        };
        let mut needs = a.needs;
        needs.extend(b.needs);
        Some(Exact {
            poly: self.symbols.symbol(kind, range).into(),
            needs,
        })
    }

    fn load(&mut self, place: &Place, ty: ScalarTy) -> Option<Exact> {
        if place.projections.is_empty()
            && let Some(known) = self.known.get(&place.local)
        {
            return Some(known.clone());
        }
        let path = self.stable_path(place)?;
        let symbol = SymbolKind::Value(path);
        Some(Exact::new(
            self.symbols.symbol(symbol, range_of_ty(ty)?).into(),
        ))
    }

    /// The length of the slice or array at a place.
    pub fn len(&mut self, place: &Place) -> Option<Exact> {
        let ty = crate::text::place_ty(self.func, place)?;
        let elem = match ty {
            Ty::Array { len, .. } => {
                return Some(Exact::new(Poly::constant(i128::from(*len))));
            }
            Ty::Slice { elem, .. } => elem,
            _ => return None,
        };
        if place.projections.is_empty()
            && let Some(known) = self.known.get(&place.local)
        {
            return Some(known.clone());
        }
        // An allocation has at most `isize::MAX` bytes.
        let size = crate::layout_of(elem).map_or(1, |layout| layout.size);
        let most = match size {
            0 => i128::from(u64::MAX),
            _ => i128::from(i64::MAX) / i128::from(size),
        };
        let path = self.stable_path(place)?;
        let symbol = SymbolKind::Len(path);
        let range = Interval::new(0, most);
        Some(Exact::new(self.symbols.symbol(symbol, range).into()))
    }

    /// Whether what is at a place does not change in the region, nor where that is.
    pub fn is_stable(&self, place: &Place) -> bool {
        self.stable_path(place).is_some()
    }

    /// The path of a place whose value does not change in the region.
    fn stable_path(&self, place: &Place) -> Option<Path> {
        let local = place.local;
        if self.effects.assigned.contains(&local) {
            return None;
        }
        if self.exposed.contains(&local) && self.effects.stores() {
            return None;
        }
        let mut steps = Vec::new();
        for (depth, step) in place.projections.iter().enumerate() {
            steps.push(match step {
                Projection::Field(field) => Step::Field(*field),
                Projection::Deref if depth == 0 && self.is_constant_behind(local) => Step::Deref,
                Projection::Deref | Projection::Index { .. } => return None,
            });
        }
        Some(Path { local, steps })
    }

    /// Whether what a reference points to can be read at any time, and does not change in the region.
    fn is_constant_behind(&self, local: LocalId) -> bool {
        let is_param = |local: LocalId| local.index() < self.func.params.len();
        match &self.func.locals[local].ty {
            Ty::Ref { mutable: false, .. } => is_param(local),
            // Nothing but what is derived from the parameter reaches it.
            Ty::Ref { mutable: true, .. } => {
                let others = |&through: &LocalId| is_param(through) && through != local;
                is_param(local)
                    && !self.effects.calls
                    && self.effects.stored_through.iter().all(others)
            }
            _ => false,
        }
    }

    /// Whether this local is the variable of a counted loop.
    pub fn is_loop_var(&self, local: LocalId) -> bool {
        self.loop_vars.contains(&local)
    }

    /// Takes note of an assignment that has run.
    pub fn assign(&mut self, stmt: &Stmt) {
        if let Some(place) = stmt.kind.place()
            && !is_behind_pointer(self.func, place)
        {
            let known = match &stmt.kind {
                StmtKind::Assign { place, value } if place.projections.is_empty() => {
                    self.assigned_value(*value)
                }
                _ => None,
            };
            self.forget_local(place.local);
            if let Some(known) = known
                && !self.exposed.contains(&place.local)
                && self.effects.assigned.contains(&place.local)
            {
                self.known.insert(place.local, known);
            }
        }
    }

    /// The value of a scalar, the length of a slice.
    fn assigned_value(&mut self, value: ExprId) -> Option<Exact> {
        let expr = self.func.exprs.get(value)?;
        match &expr.ty {
            Ty::Scalar(_) => self.poly(value),
            Ty::Slice { .. } => self.len_of_slice(value),
            _ => None,
        }
    }

    /// The length of the slice that an expression yields.
    pub fn len_of_slice(&mut self, value: ExprId) -> Option<Exact> {
        match &self.func.exprs.get(value)?.kind {
            ExprKind::Load(place) => self.len(place),
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                let end = match end {
                    Some(end) => self.value(*end)?,
                    None => self.len(base)?,
                };
                match start {
                    Some(start) => {
                        let start = self.value(*start)?;
                        end.combine(start, Poly::sub)
                    }
                    None => Some(end),
                }
            }
            _ => None,
        }
    }

    /// Knows a local that the region does not assign by what it was assigned before.
    pub(crate) fn define(&mut self, local: LocalId, value: ExprId) {
        let known = self.known.contains_key(&local) || self.effects.assigned.contains(&local);
        if !known && let Some(exact) = self.assigned_value(value) {
            self.known.insert(local, exact);
        }
    }

    /// What is known of assigned locals, to be restored: at the start of the other branch.
    pub fn known(&self) -> Known {
        Known(self.known.clone())
    }

    /// Knows of assigned locals what it knew then.
    pub fn restore(&mut self, known: Known) {
        self.known = known.0;
    }

    fn forget_local(&mut self, local: LocalId) {
        self.known.remove(&local);
    }

    /// Forgets what is known of the locals that a statement or block assigns: before a loop is entered, whose body may have run before;
    /// behind a branch, which may have run or not.
    pub fn forget(&mut self, effects: &Effects) {
        for local in &effects.assigned {
            self.known.remove(local);
        }
        // What is expressed by a variable that is left has no meaning outside of its loop.
        if !effects.vars.is_empty() {
            let symbols = &self.symbols;
            let involves = |poly: &Poly| {
                (poly.symbols().into_iter())
                    .any(|symbol| matches!(symbols.local(symbol), Some(local) if effects.vars.contains(&local)))
            };
            self.known.retain(|_, exact| {
                !involves(&exact.poly) && !exact.needs.iter().any(|(poly, _)| involves(poly))
            });
        }
    }

    /// Forgets what a block assigns.
    pub fn forget_block(&mut self, block: &Block) {
        let effects = Effects::of_block(self.func, block);
        self.forget(&effects);
    }
}

/// The value of an integer constant.
pub fn signed_value(bits: u128, ty: ScalarTy) -> i128 {
    if ty.is_signed_int() && ty.bits() < 128 {
        let shift = 128 - ty.bits();
        ((bits << shift) as i128) >> shift
    } else {
        bits as i128
    }
}
