//! The version with checks as a function of its own, which is compiled when it is first called.
//!
//! Where the conditions of a function's guards can be told before it has changed anything, they are all asked there, and if one of them does not
//! hold, a copy of the function does all the work:
//!
//! ```text
//! fn f(n, a, b) {                                 fn f(n, a, b) {
//!     for i in 0..n { a[i] = .. }                     if !(n <= a.len() & n <= b.len()) { return copy(n, a, b); }
//!     for i in 0..n { b[i] = .. }        =>           for i in 0..n { a[i] = .. }        // without checks
//! }                                                   for i in 0..n { b[i] = .. }
//!                                                 }
//! ```
//!
//! So loops need no second version, which would take as long to compile as the first and hardly ever runs. When the copy is compiled, it gets
//! versions of its loops as usual: who leaves loops early on purpose has fast code, too.

use std::collections::HashSet;

use crate::analysis::affine::Scope;
use crate::analysis::effects::Effects;
use crate::analysis::poly::{Poly, Symbol, SymbolKind, Symbols};
use crate::analysis::prove::Conditions;
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Stmt, StmtKind};
use crate::transform::copy::add_temporary;
use crate::transform::guard::{GuardBuilder, conjunction, division_site, place_of, push_expr};
use crate::ty::Ty;

/// Conditions of one function.
const MAX_CONDITIONS: usize = 96;

/// The numbers of a function and of the copy that it may call.
#[derive(Clone, Copy, Debug)]
pub(in crate::transform) struct Deferral {
    /// The function.
    pub(in crate::transform) original: usize,
    /// Its copy.
    pub(in crate::transform) copy: usize,
}

/// Collects the conditions that can be told where the function begins to work.
pub(super) struct Hoisting {
    deferral: Deferral,
    /// How many statements of the body are before that point. They change nothing but locals.
    before: usize,
    /// What happens behind it.
    behind: Effects,
    /// The locals that have a value there in any case.
    assigned: HashSet<LocalId>,
    conditions: Vec<ExprId>,
    span: Span,
}

impl Hoisting {
    /// `None` if the function's arguments are not what they were when its work begins.
    pub(super) fn new(func: &Function, deferral: Deferral) -> Option<Self> {
        let is_harmless = |stmt: &Stmt| {
            let effects = Effects::of_stmt(func, stmt);
            let loops = effects.unbounded || !effects.vars.is_empty();
            !effects.stores() && !effects.host_calls && !loops
        };
        let stmts = &func.body.stmts;
        let before = stmts.iter().take_while(|stmt| is_harmless(stmt)).count();
        let (first, rest) = stmts.split_at(before);
        let effects_of = |stmts: &[Stmt]| {
            let stmts = stmts.to_vec();
            Effects::of_block(func, &Block { stmts })
        };
        let changed = effects_of(first).assigned;
        if func.params.iter().any(|param| changed.contains(param)) {
            return None;
        }
        let mut assigned: HashSet<_> = func.params.iter().copied().collect();
        assigned.extend(first.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Assign { place, .. } if place.projections.is_empty() => Some(place.local),
            _ => None,
        }));
        Some(Hoisting {
            deferral,
            before,
            behind: effects_of(rest),
            assigned,
            conditions: Vec::new(),
            span: rest.first()?.span,
        })
    }

    /// Takes the conditions of a loop, if all of them can be told there.
    pub(super) fn take(
        &mut self,
        func: &mut Function,
        symbols: &Symbols,
        conditions: &Conditions,
        span: Span,
    ) -> bool {
        if conditions.is_empty() || self.conditions.len() + conditions.len() > MAX_CONDITIONS {
            return false;
        }
        let scope = Scope::new(func, self.behind.clone());
        let known = |poly: &Poly| self.is_known(&scope, symbols, poly);
        if !conditions.iter().all(known) {
            return false;
        }
        let Some(conditions) = GuardBuilder::new(func, symbols, span).build(conditions) else {
            return false;
        };
        for condition in conditions {
            let known = |&other: &ExprId| same_expr(func, condition, other);
            if !self.conditions.iter().any(known) {
                self.conditions.push(condition);
            }
        }
        true
    }

    fn is_known(&self, scope: &Scope<'_>, symbols: &Symbols, poly: &Poly) -> bool {
        let is_known = |symbol: Symbol| match symbols.kind(symbol) {
            SymbolKind::Value(path) | SymbolKind::Len(path) => {
                self.assigned.contains(&path.local) && scope.is_stable(&place_of(path))
            }
            SymbolKind::Quotient(poly, _) => self.is_known(scope, symbols, poly),
            SymbolKind::Instance(..) => false,
            SymbolKind::Min(a, b) | SymbolKind::Max(a, b) => {
                self.is_known(scope, symbols, a) && self.is_known(scope, symbols, b)
            }
        };
        poly.symbols().into_iter().all(is_known)
    }

    /// Puts the guard where it belongs, and returns the copy, if there is anything to guard.
    pub(super) fn finish(self, func: &mut Function, mut copy: Function) -> Option<Function> {
        let span = self.span;
        let cond = conjunction(func, self.conditions, span)?;
        let number = u32::try_from(self.deferral.copy).ok()?;
        copy.deferred = Some(u32::try_from(self.deferral.original).ok()?);
        // What the passes will need, so that the number of sites stays as it is.
        division_site(&mut copy, span);

        let otherwise = call_instead(func, number, span);
        let guard = StmtKind::If {
            cond,
            then: Block::default(),
            otherwise: Block { stmts: otherwise },
        };
        let guard = Stmt { kind: guard, span };
        func.body.stmts.insert(self.before, guard);
        Some(copy)
    }
}

/// Calls another function with the parameters that this one has been called with, and returns what it returns.
pub(in crate::transform) fn call_instead(
    func: &mut Function,
    number: u32,
    span: Span,
) -> Vec<Stmt> {
    let load = |func: &mut Function, local: LocalId| {
        let ty = func.locals[local].ty.clone();
        push_expr(func, ExprKind::Load(Place::local(local)), ty, span)
    };
    let params = func.params.clone();
    let args = params.into_iter().map(|param| load(func, param)).collect();
    let result = (func.result != Ty::Unit).then(|| result_local(func));
    let call = StmtKind::Call {
        function: number,
        args,
        result: result.map(Place::local),
    };
    let value = result.map(|result| load(func, result));
    let stmt = |kind| Stmt { kind, span };
    vec![stmt(call), stmt(StmtKind::Return(value))]
}

/// A local for the result: that which the function returns everywhere, if there is one, since code generation may build it in the caller's memory.
fn result_local(func: &mut Function) -> LocalId {
    let mut returned = HashSet::new();
    func.body.for_each_stmt(|stmt| {
        if let StmtKind::Return(value) = &stmt.kind {
            let place =
                value
                    .and_then(|value| func.exprs.get(value))
                    .and_then(|value| match &value.kind {
                        ExprKind::Load(place) if place.projections.is_empty() => Some(place.local),
                        _ => None,
                    });
            returned.insert(place);
        }
    });
    let only = returned.iter().next().copied().flatten();
    match only {
        Some(local)
            if returned.len() == 1
                && !func.params.contains(&local)
                && matches!(func.result, Ty::Array { .. } | Ty::Struct(_)) =>
        {
            func.locals[local].mutable = true;
            local
        }
        _ => add_temporary(func, "deferred", func.result.clone(), false),
    }
}

/// Whether two expressions that were built in the same way are equal.
fn same_expr(func: &Function, a: ExprId, b: ExprId) -> bool {
    let (first, second) = (&func.exprs[a], &func.exprs[b]);
    // Handles differ: compare with the operands blanked, then the operands.
    let mut kinds = [first.kind.clone(), second.kind.clone()];
    let mut operands = [Vec::new(), Vec::new()];
    for (kind, operands) in kinds.iter_mut().zip(&mut operands) {
        kind.for_each_operand_mut(|operand| {
            operands.push(*operand);
            *operand = ExprId::from_index(0);
        });
    }
    let [first_operands, second_operands] = operands;
    first.ty == second.ty
        && kinds[0] == kinds[1]
        && first_operands.len() == second_operands.len()
        && (first_operands.into_iter().zip(second_operands)).all(|(a, b)| same_expr(func, a, b))
}
