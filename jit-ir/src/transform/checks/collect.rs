//! The checks of a loop nest, and under which conditions none of them fails.

use std::collections::HashSet;

use super::small::greatest;
use crate::analysis::affine::{Scope, range_of_ty};
use crate::analysis::effects::{Effects, diverges};
use crate::analysis::poly::{Poly, Symbols};
use crate::analysis::prove::{Conditions, Context, add_all};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::func::Function;
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::{ScalarTy, Ty};

/// A check, by the expression that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Check {
    /// That this index is in bounds.
    Index(ExprId),
    /// That of the operation itself: overflow, the bounds of a part of a slice.
    Own(ExprId),
    /// A branch to a panic, by its condition, which never has this value.
    Branch(ExprId, bool),
}

/// A check that never fails if the conditions hold.
#[derive(Debug)]
struct Proof {
    /// `None`: an index without a check, whose polynomial is its value if the conditions hold.
    check: Option<Check>,
    conditions: Conditions,
}

/// What was found out about a region.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Checks that never fail if `conditions` hold.
    pub(super) proved: HashSet<Check>,
    /// The conditions: polynomials over invariants that are not negative.
    pub(super) conditions: Conditions,
    /// Checks that stay, but for divisions.
    pub(super) kept: usize,
    /// Whether everything that can be read as a polynomial has its value, if `conditions` hold.
    pub(super) exact: bool,
}

/// How certain it is that a check is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    /// If the loops around it run, or if data says so, which index bounds hardly depend on.
    Firm,
    /// Under a condition on integers that is not understood: it may be there to keep an index in bounds.
    Doubtful,
}

/// Walks over a region.
struct Collector<'a, 'f> {
    func: &'f Function,
    scope: &'a mut Scope<'f>,
    context: Context,
    certainty: Certainty,
    firm: Vec<Proof>,
    doubtful: Vec<Proof>,
    kept: usize,
    exact: bool,
}

/// Looks at a counted loop and all that is in it. Its bounds are evaluated before it, and their checks are not its own.
pub(super) fn collect<'f>(
    scope: &mut Scope<'f>,
    for_loop: &Loop,
    stmts_before: &[(ExprId, bool)],
) -> Found {
    let func = scope.func();
    let mut collector = Collector {
        func,
        scope,
        context: Context::default(),
        certainty: Certainty::Firm,
        firm: Vec::new(),
        doubtful: Vec::new(),
        kept: 0,
        exact: true,
    };
    for &(cond, holds) in stmts_before {
        collector.assume_condition(cond, holds);
    }
    collector.walk_loop_body(for_loop);
    let mut found = Found {
        kept: collector.kept,
        exact: collector.exact,
        ..Found::default()
    };
    for proof in collector.firm {
        found.proved.extend(proof.check);
        add_all(&mut found.conditions, proof.conditions);
    }
    let symbols = &collector.scope.symbols;
    let all = simplify(symbols, &mut found.conditions);
    for proof in collector.doubtful {
        let follows = |claim: &Poly| all.follows(symbols, claim, &found.conditions);
        if proof.conditions.iter().all(follows) {
            found.proved.extend(proof.check);
        } else {
            found.kept += usize::from(proof.check.is_some());
            found.exact = false;
        }
    }
    found
}

/// Drops what follows from others. Returns what is known if they hold.
fn simplify(symbols: &Symbols, conditions: &mut Conditions) -> Context {
    let mut known = Context::default();
    // Bounds of single symbols stay, and serve the others.
    let is_bound = |claim: &Poly| claim.degree() == 1 && claim.symbols().len() == 1;
    conditions.sort_by_key(|claim| !is_bound(claim));
    let bounds = conditions.iter().filter(|claim| is_bound(claim)).count();
    for bound in &conditions[..bounds] {
        known.assume(symbols, bound, &Vec::new());
    }
    let mut index = bounds;
    while index < conditions.len() {
        let claim = conditions.remove(index);
        if !known.follows(symbols, &claim, conditions) {
            conditions.insert(index, claim);
            index += 1;
        }
    }
    known
}

impl<'f> Collector<'_, 'f> {
    fn walk_block(&mut self, block: &Block) {
        let context = self.context.clone();
        let certainty = self.certainty;
        for stmt in &block.stmts {
            self.walk_stmt(stmt);
        }
        self.context = context;
        self.certainty = certainty;
    }

    fn walk_stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            // Its condition is evaluated each time.
            StmtKind::While { .. } => {}
            kind => kind.for_each_expr(|expr| self.walk_expr(expr)),
        }
        if let Some(place) = stmt.kind.place() {
            self.check_place(place);
        }
        match &stmt.kind {
            StmtKind::Assign { .. }
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Parallel(_) => {
                self.scope.assign(stmt);
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                for (block, value) in [(then, true), (otherwise, false)] {
                    let panics = matches!(
                        block.stmts.last(),
                        Some(Stmt {
                            kind: StmtKind::Trap { .. },
                            ..
                        })
                    );
                    if panics && let Some(conditions) = self.prove_condition(*cond, !value) {
                        self.conclude(Some(Check::Branch(*cond, value)), Some(conditions));
                    }
                }
                self.walk_if(*cond, then, otherwise);
            }
            StmtKind::For(for_loop) => self.walk_loop_body(for_loop),
            StmtKind::While { cond, body, .. } => {
                let effects = Effects::of_block(self.func, body);
                self.scope.forget(&effects);
                self.walk_expr(*cond);
                let context = self.context.clone();
                let certainty = self.certainty;
                self.assume_or_doubt(*cond, true);
                self.walk_block(body);
                self.context = context;
                self.certainty = certainty;
                self.scope.forget(&effects);
            }
            StmtKind::Forever { body, .. } => {
                let effects = Effects::of_block(self.func, body);
                self.scope.forget(&effects);
                self.walk_block(body);
                self.scope.forget(&effects);
            }
            StmtKind::Labeled { body, .. } => {
                self.walk_block(body);
                // A `break` may have left it before an assignment.
                self.scope.forget_block(body);
            }
            StmtKind::Eval(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. } => {}
        }
    }

    fn walk_if(&mut self, cond: ExprId, then: &Block, otherwise: &Block) {
        let context = self.context.clone();
        let certainty = self.certainty;
        let known = self.scope.known();

        self.assume_or_doubt(cond, true);
        self.walk_block(then);
        self.context.clone_from(&context);
        self.certainty = certainty;
        self.scope.restore(known.clone());

        self.assume_or_doubt(cond, false);
        self.walk_block(otherwise);
        self.context = context;
        self.certainty = certainty;
        self.scope.restore(known);

        self.scope.forget_block(then);
        self.scope.forget_block(otherwise);
        // What comes next runs only on one of the ways.
        match (diverges(then), diverges(otherwise)) {
            (true, false) => self.assume_or_doubt(cond, false),
            (false, true) => self.assume_or_doubt(cond, true),
            _ => {}
        }
    }

    /// The body of a counted loop, whose bounds mean here what they meant when it started.
    fn walk_loop_body(&mut self, for_loop: &Loop) {
        let context = self.context.clone();
        let certainty = self.certainty;
        let bounds = self.bounds_of(for_loop);
        let effects = Effects::of_block(self.func, &for_loop.body);
        self.scope.forget(&effects);
        let ty = self.func.locals[for_loop.var].ty.as_scalar();
        if let Some(var) = self.scope.var(for_loop)
            && let Some(range) = ty.and_then(range_of_ty)
        {
            self.context.enter(var, range);
            let symbols = &self.scope.symbols;
            for (bound, requires) in &bounds.lower {
                if let Some(claim) = Poly::from(var).sub(bound) {
                    self.context.assume(symbols, &claim, requires);
                }
            }
            for (bound, requires) in &bounds.upper {
                if let Some(claim) = bound.sub(&Poly::from(var)) {
                    self.context.assume(symbols, &claim, requires);
                }
            }
            // There is at least one iteration.
            for (lower, first) in &bounds.lower {
                for (upper, second) in &bounds.upper {
                    let mut requires = first.clone();
                    add_all(&mut requires, second.clone());
                    if let Some(claim) = upper.sub(lower) {
                        self.context.assume(symbols, &claim, &requires);
                    }
                }
            }
        }
        for stmt in &for_loop.body.stmts {
            self.walk_stmt(stmt);
        }
        self.context = context;
        self.certainty = certainty;
        let mut effects = effects;
        effects.vars.insert(for_loop.var);
        self.scope.forget(&effects);
    }

    /// Bounds of the variable in the iterations of a loop.
    fn bounds_of(&mut self, for_loop: &Loop) -> Bounds {
        let mut bounds = Bounds::default();
        let start = self.exact_value(for_loop.start);
        bounds.lower.extend(start.clone());
        let last = match for_loop.inclusive {
            true => 0,
            false => -1,
        };
        for end in self.upper_ends(for_loop.end) {
            if let Some((end, requires)) = self.exact_value(end)
                && let Some(end) = end.plus(last)
            {
                bounds.upper.push((end, requires));
            }
        }
        // The last of several steps.
        if let Some((start, requires)) = start
            && let Some(ExprKind::Const(ConstValue::Int(step))) =
                self.func.exprs.get(for_loop.step).map(|step| &step.kind)
            && let Ok(step @ 2..) = i128::try_from(*step)
            && let [(end, more)] = &bounds.upper[..]
            && let Some(span) = end.sub(&start)
            && self.scope.is_invariant_poly(&span)
            && let Some(steps) = self.scope.quotient_symbol(span, step, i128::from(u64::MAX))
            && let Some(last) = Poly::from(steps).scale(step)
            && let Some(last) = last.add(&start)
        {
            let mut requires = requires.clone();
            add_all(&mut requires, more.clone());
            bounds.upper.push((last, requires));
        }
        bounds
    }

    /// Expressions none of which is less than this one: itself, or both operands of `min`.
    fn upper_ends(&self, end: ExprId) -> Vec<ExprId> {
        let mut ends = vec![end];
        if let Some(ExprKind::Call {
            intrinsic: Intrinsic::Min,
            args,
            ..
        }) = self.func.exprs.get(end).map(|end| &end.kind)
        {
            ends.extend(args);
        }
        ends
    }

    /// An expression's value, and what that relies on.
    fn exact_value(&mut self, expr: ExprId) -> Option<(Poly, Conditions)> {
        let exact = self.scope.value(expr);
        let found = exact.and_then(|exact| {
            let conditions = self.context.prove_needs(self.scope, &exact)?;
            Some((exact.poly, conditions))
        });
        match &found {
            Some((_, conditions)) if conditions.is_empty() => {}
            Some((_, conditions)) => self.doubtful.push(Proof {
                check: None,
                conditions: conditions.clone(),
            }),
            None => self.exact &= self.scope.poly(expr).is_none(),
        }
        found
    }

    /// Learns what a condition says, if it is one of integers.
    fn assume_or_doubt(&mut self, cond: ExprId, holds: bool) {
        if !self.assume_condition(cond, holds) {
            self.certainty = Certainty::Doubtful;
        }
    }

    /// Whether the condition was understood, or is one of data.
    fn assume_condition(&mut self, cond: ExprId, holds: bool) -> bool {
        let Some(expr) = self.func.exprs.get(cond) else {
            return false;
        };
        match &expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.assume_condition(*operand, !holds),
            ExprKind::ShortCircuit { or, lhs, rhs } if *or != holds => {
                let (lhs, rhs) = (
                    self.assume_condition(*lhs, holds),
                    self.assume_condition(*rhs, holds),
                );
                lhs && rhs
            }
            ExprKind::Binary {
                op: op @ (BinaryOp::BitAnd | BinaryOp::BitOr),
                lhs,
                rhs,
                ..
            } if (*op == BinaryOp::BitAnd) == holds => {
                let (lhs, rhs) = (
                    self.assume_condition(*lhs, holds),
                    self.assume_condition(*rhs, holds),
                );
                lhs && rhs
            }
            ExprKind::Binary { op, lhs, rhs, .. } if op.is_comparison() => {
                let understood = self.assume_comparison(*op, *lhs, *rhs, holds);
                understood || !(self.is_about_indices(*lhs) || self.is_about_indices(*rhs))
            }
            _ => !self.is_about_indices(cond),
        }
    }

    fn assume_comparison(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, holds: bool) -> bool {
        let (Some((lhs, mut requires)), Some((rhs, more))) =
            (self.exact_value(lhs), self.exact_value(rhs))
        else {
            return false;
        };
        add_all(&mut requires, more);
        let op = match (op, holds) {
            (op, true) => op,
            (BinaryOp::Lt, false) => BinaryOp::Ge,
            (BinaryOp::Le, false) => BinaryOp::Gt,
            (BinaryOp::Gt, false) => BinaryOp::Le,
            (BinaryOp::Ge, false) => BinaryOp::Lt,
            (BinaryOp::Eq, false) => BinaryOp::Ne,
            (BinaryOp::Ne, false) => BinaryOp::Eq,
            (op, false) => op,
        };
        let (Some(up), Some(down)) = (rhs.sub(&lhs), lhs.sub(&rhs)) else {
            return false;
        };
        let symbols = &self.scope.symbols;
        let claims = match op {
            BinaryOp::Lt => vec![up.plus(-1)],
            BinaryOp::Le => vec![Some(up)],
            BinaryOp::Gt => vec![down.plus(-1)],
            BinaryOp::Ge => vec![Some(down)],
            BinaryOp::Eq => vec![Some(up), Some(down)],
            BinaryOp::Ne => {
                // Elsewhere than at an end of the domain it says nothing of bounds.
                self.context.assume_not_zero(symbols, &up, &requires);
                return true;
            }
            _ => return false,
        };
        for claim in claims.into_iter().flatten() {
            self.context.assume(symbols, &claim, &requires);
        }
        true
    }

    /// Whether an expression computes with integers that are known, and not with data only.
    fn is_about_indices(&self, expr: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(expr) else {
            return true;
        };
        match &expr.kind {
            ExprKind::Load(place) => {
                // Data behind a pointer says nothing of indices, wherever it is.
                match place.projections.is_empty() {
                    true => match self.func.locals[place.local].ty.as_scalar() {
                        Some(ty) if ty.is_float() => false,
                        Some(ScalarTy::Bool) => true,
                        Some(_) => self.scope.symbols.find_local(place.local).is_some(),
                        None => false,
                    },
                    false => false,
                }
            }
            kind => {
                let mut about = false;
                kind.for_each_operand(|operand| about = about || self.is_about_indices(operand));
                about
            }
        }
    }

    fn walk_expr(&mut self, id: ExprId) {
        let Some(expr) = self.func.exprs.get(id) else {
            return;
        };
        match &expr.kind {
            ExprKind::ShortCircuit { or, lhs, rhs } => {
                self.walk_expr(*lhs);
                let context = self.context.clone();
                let certainty = self.certainty;
                self.assume_or_doubt(*lhs, !*or);
                self.walk_expr(*rhs);
                self.context = context;
                self.certainty = certainty;
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                self.walk_expr(*cond);
                for (value, holds) in [(*then, true), (*otherwise, false)] {
                    let context = self.context.clone();
                    let certainty = self.certainty;
                    self.assume_or_doubt(*cond, holds);
                    self.walk_expr(value);
                    self.context = context;
                    self.certainty = certainty;
                }
            }
            kind => kind.for_each_operand(|operand| self.walk_expr(operand)),
        }
        if let Some(place) = expr.kind.place() {
            self.check_place(place);
        }
        if expr.kind.site().is_none() {
            return;
        }
        let conditions = match &expr.kind {
            ExprKind::Binary { op, lhs, rhs, .. } => match op {
                BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.prove_fits(id, &[*lhs, *rhs]),
                BinaryOp::Shl | BinaryOp::Shr => self.prove_distance(id, *rhs),
                // It traps in every profile, and keeps its site.
                _ => return,
            },
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
                ..
            } => self.prove_fits(id, &[*operand]),
            ExprKind::SubSlice {
                base, start, end, ..
            } => self.prove_part(base, *start, *end),
            _ => return,
        };
        self.conclude(Some(Check::Own(id)), conditions);
    }

    fn conclude(&mut self, check: Option<Check>, conditions: Option<Conditions>) {
        let invariant = |claim: &Poly| self.scope.is_invariant_poly(claim);
        let conditions = conditions.filter(|conditions| conditions.iter().all(invariant));
        let Some(conditions) = conditions else {
            self.kept += usize::from(check.is_some());
            self.exact = false;
            return;
        };
        let proof = Proof { check, conditions };
        match self.certainty {
            Certainty::Firm if check.is_some() => self.firm.push(proof),
            _ => self.doubtful.push(proof),
        }
    }

    /// That a condition on integers has this value.
    fn prove_condition(&mut self, cond: ExprId, holds: bool) -> Option<Conditions> {
        let expr = self.func.exprs.get(cond)?;
        match &expr.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.prove_condition(*operand, !holds),
            ExprKind::ShortCircuit { or, lhs, rhs } => {
                self.prove_both(*lhs, *rhs, holds, *or == holds)
            }
            ExprKind::Binary {
                op: op @ (BinaryOp::BitAnd | BinaryOp::BitOr),
                lhs,
                rhs,
                ..
            } => self.prove_both(*lhs, *rhs, holds, (*op == BinaryOp::BitOr) == holds),
            ExprKind::Binary { op, lhs, rhs, .. } if op.is_comparison() => {
                let (lhs, mut conditions) = self.exact_value(*lhs)?;
                let (rhs, more) = self.exact_value(*rhs)?;
                add_all(&mut conditions, more);
                let (up, down) = (rhs.sub(&lhs)?, lhs.sub(&rhs)?);
                let claims = match (op, holds) {
                    (BinaryOp::Lt, true) | (BinaryOp::Ge, false) => vec![up.plus(-1)?],
                    (BinaryOp::Le, true) | (BinaryOp::Gt, false) => vec![up],
                    (BinaryOp::Gt, true) | (BinaryOp::Le, false) => vec![down.plus(-1)?],
                    (BinaryOp::Ge, true) | (BinaryOp::Lt, false) => vec![down],
                    (BinaryOp::Eq, true) | (BinaryOp::Ne, false) => vec![up, down],
                    _ => return None,
                };
                for claim in claims {
                    add_all(
                        &mut conditions,
                        self.context.prove(&self.scope.symbols, &claim)?,
                    );
                }
                Some(conditions)
            }
            _ => None,
        }
    }

    /// That both operands have this value, or that either has.
    fn prove_both(
        &mut self,
        lhs: ExprId,
        rhs: ExprId,
        holds: bool,
        either: bool,
    ) -> Option<Conditions> {
        let first = self.prove_condition(lhs, holds);
        if either {
            return first.or_else(|| self.prove_condition(rhs, holds));
        }
        let mut conditions = first?;
        add_all(&mut conditions, self.prove_condition(rhs, holds)?);
        Some(conditions)
    }

    /// That the exact result of an operation is of its type.
    fn prove_fits(&mut self, id: ExprId, operands: &[ExprId]) -> Option<Conditions> {
        let ty = self.func.exprs[id].ty.as_scalar()?;
        let mut conditions = Vec::new();
        for &operand in operands {
            add_all(&mut conditions, self.exact_value(operand)?.1);
        }
        let exact = self.scope.poly(id)?;
        add_all(
            &mut conditions,
            self.context.prove_needs(self.scope, &exact)?,
        );
        let fits = self
            .context
            .prove_in_type(&self.scope.symbols, &exact.poly, ty)?;
        add_all(&mut conditions, fits);
        Some(conditions)
    }

    /// That a shift is by less than the width.
    fn prove_distance(&mut self, id: ExprId, distance: ExprId) -> Option<Conditions> {
        let bits = self.func.exprs[id].ty.as_scalar()?.bits();
        let (distance, mut conditions) = self.exact_value(distance)?;
        let below = Poly::constant(i128::from(bits) - 1).sub(&distance)?;
        for claim in [&distance, &below] {
            add_all(
                &mut conditions,
                self.context.prove(&self.scope.symbols, claim)?,
            );
        }
        Some(conditions)
    }

    /// That `start <= end <= length`.
    fn prove_part(
        &mut self,
        base: &Place,
        start: Option<ExprId>,
        end: Option<ExprId>,
    ) -> Option<Conditions> {
        let len = self.scope.len(base)?;
        let mut conditions = self.context.prove_needs(self.scope, &len)?;
        let start = match start {
            Some(start) => {
                let (start, more) = self.exact_value(start)?;
                add_all(&mut conditions, more);
                start
            }
            None => Poly::default(),
        };
        let end = match end {
            Some(end) => {
                let (end, more) = self.exact_value(end)?;
                add_all(&mut conditions, more);
                end
            }
            None => len.poly.clone(),
        };
        for claim in [end.sub(&start)?, len.poly.sub(&end)?] {
            add_all(
                &mut conditions,
                self.context.prove(&self.scope.symbols, &claim)?,
            );
        }
        Some(conditions)
    }

    fn check_place(&mut self, place: &Place) {
        let mut prefix = Place::local(place.local);
        for step in &place.projections {
            if let Projection::Index { index, site } = step {
                let conditions = self.prove_index(&prefix, *index);
                match site {
                    Some(_) => self.conclude(Some(Check::Index(*index)), conditions),
                    None if self.scope.poly(*index).is_some() => self.conclude(None, conditions),
                    None => {}
                }
            }
            prefix.projections.push(step.clone());
        }
    }

    /// That an index is below the length of what is at `base`, and its polynomial its value.
    fn prove_index(&mut self, base: &Place, index: ExprId) -> Option<Conditions> {
        let ty = place_ty(self.func, base)?;
        if !matches!(ty, Ty::Slice { .. } | Ty::Array { .. }) {
            return None;
        }
        let len = self.scope.len(base)?;
        let mut conditions = self.context.prove_needs(self.scope, &len)?;
        let Some(index) = self.scope.poly(index) else {
            let greatest = greatest(self.func, index)?;
            let claim = len.poly.plus(-1 - greatest)?;
            add_all(
                &mut conditions,
                self.context.prove(&self.scope.symbols, &claim)?,
            );
            self.exact = false;
            return Some(conditions);
        };
        add_all(
            &mut conditions,
            self.context.prove_needs(self.scope, &index)?,
        );
        let below = len.poly.sub(&index.poly)?.plus(-1)?;
        for claim in [&index.poly, &below] {
            add_all(
                &mut conditions,
                self.context.prove(&self.scope.symbols, claim)?,
            );
        }
        Some(conditions)
    }
}

/// Bounds of an induction variable, each with what it relies on.
#[derive(Default)]
struct Bounds {
    lower: Vec<(Poly, Conditions)>,
    upper: Vec<(Poly, Conditions)>,
}
