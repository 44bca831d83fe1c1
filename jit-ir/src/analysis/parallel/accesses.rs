//! The accesses of a loop's body to memory: where each of them goes, as far as that can be said, and what holds there.

use std::collections::HashMap;

use super::minima::{Covering, Minima};
use super::pointers::{Memory, Pointer, PointsTo, Root};
use crate::analysis::affine::{Scope, range_of_ty};
use crate::analysis::effects::{Effects, diverges, is_behind_pointer};
use crate::analysis::poly::{Poly, Symbol};
use crate::analysis::prove::{Conditions, Context, add_all};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::{ScalarTy, Ty};

/// Elements of an array, from the first to the last; there may be none. Indices that are no elements trap before the access, so that
/// these numbers are those of elements if they are in a window of 2⁶⁴ ([`super::disjoint`]).
#[derive(Clone, Debug)]
pub(super) struct Extent {
    pub(super) first: Poly,
    pub(super) last: Poly,
    pub(super) requires: Conditions,
}

/// A step on the way to what is accessed.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// To a field.
    Field(u32),
    /// To an element, which is in all of these extents.
    Element(Vec<Extent>),
}

/// An access. What is behind the last step is accessed as a whole.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
    pub(super) write: bool,
    pub(super) span: Span,
    /// The local by which it is reached.
    pub(super) through: LocalId,
    /// What holds where it happens.
    pub(super) context: Context,
}

/// How deep definitions of pointers are followed.
const MAX_DEPTH: u32 = 8;

/// Walks over the body of a loop.
pub(super) struct Walker<'a, 'f> {
    pub(super) func: &'f Function,
    pub(super) points_to: &'a PointsTo,
    pub(super) scope: Scope<'f>,
    pub(super) context: Context,
    /// What locals that the loop assigns point to now.
    pointers: HashMap<LocalId, Pointer>,
    /// Numbers that integers assigned in the loop are not greater than, as far as they are minima.
    pub(super) minima: HashMap<LocalId, Minima>,
    pub(super) coverings: Vec<Covering>,
    pub(super) accesses: Vec<Access>,
    /// By how much the loop's variable differs between two iterations at least.
    pub(super) step: Option<Poly>,
    pub(super) var: Option<Symbol>,
}

impl<'a, 'f> Walker<'a, 'f> {
    /// For the loop that is this statement.
    pub(super) fn new(func: &'f Function, points_to: &'a PointsTo, stmt: &Stmt) -> Self {
        Walker {
            func,
            points_to,
            scope: Scope::new(func, Effects::of_stmt(func, stmt)),
            context: Context::default(),
            pointers: HashMap::new(),
            minima: HashMap::new(),
            coverings: Vec::new(),
            accesses: Vec::new(),
            step: None,
            var: None,
        }
    }

    /// Walks over the loop, which is inside of these, outermost first.
    pub(super) fn walk(&mut self, for_loop: &Loop, around: &[&Stmt]) {
        let func = self.func;
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::Assign { place, .. } = &stmt.kind
                && scalar_of(func, place.local).is_some_and(ScalarTy::is_int)
                && let Some(value) = self.points_to.definition(func, place.local)
            {
                self.scope.define(place.local, value);
            }
        });
        for outer in around {
            self.learn_domain(outer);
        }
        self.var = self.scope.var(for_loop);
        let constant = self.scope.value(for_loop.step);
        let constant = constant.and_then(|exact| exact.poly.as_constant());
        self.step = Some(Poly::constant(constant.unwrap_or(1).max(1)));
        self.walk_loop(for_loop);
    }

    /// What is known of the variable of a loop around, whose bounds do not change in it.
    fn learn_domain(&mut self, stmt: &Stmt) {
        let StmtKind::For(outer) = &stmt.kind else {
            return;
        };
        let scope = Scope::new(self.func, Effects::of_stmt(self.func, stmt));
        let (mut scope, Some(var)) = (scope, self.scope.var(outer)) else {
            return;
        };
        let last = if outer.inclusive { 0 } else { -1 };
        for (bound, is_start) in [(outer.start, true), (outer.end, false)] {
            // The same then as here.
            let fixed = (scope.value(bound)).is_some_and(|exact| {
                exact.needs.is_empty() && scope.is_invariant_poly(&exact.poly)
            });
            let exact = self
                .scope
                .value(bound)
                .filter(|exact| fixed && exact.needs.is_empty());
            let claim = exact.and_then(|exact| match is_start {
                true => Poly::from(var).sub(&exact.poly),
                false => exact.poly.plus(last)?.sub(&Poly::from(var)),
            });
            if let Some(claim) = claim {
                self.context
                    .assume(&self.scope.symbols, &claim, &Vec::new());
            }
        }
    }

    fn walk_block(&mut self, block: &Block) {
        let context = self.context.clone();
        for stmt in &block.stmts {
            self.walk_stmt(stmt);
        }
        self.context = context;
    }

    fn walk_stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            // Its condition is evaluated each time.
            StmtKind::While { .. } => {}
            kind => kind.for_each_expr(|expr| self.walk_expr(expr)),
        }
        if let StmtKind::Call { args, .. } = &stmt.kind {
            for &arg in args {
                self.argument(arg, stmt.span);
            }
        }
        if let Some(place) = stmt.kind.place() {
            self.access(place, true, stmt.span);
        }
        match &stmt.kind {
            StmtKind::Assign { .. } | StmtKind::Call { .. } | StmtKind::HostCall { .. } => {
                self.assign(stmt);
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => self.walk_if(*cond, then, otherwise),
            StmtKind::For(for_loop) => self.walk_loop(for_loop),
            StmtKind::While { cond, body, .. } => {
                let effects = Effects::of_block(self.func, body);
                self.forget(&effects);
                self.walk_expr(*cond);
                let context = self.context.clone();
                self.assume(*cond, true);
                self.walk_block(body);
                self.context = context;
                self.forget(&effects);
            }
            StmtKind::Forever { body, .. } => {
                let effects = Effects::of_block(self.func, body);
                self.forget(&effects);
                self.walk_block(body);
                self.forget(&effects);
            }
            StmtKind::Labeled { body, .. } => {
                self.walk_block(body);
                // A `break` may have left it before an assignment.
                let effects = Effects::of_block(self.func, body);
                self.forget(&effects);
            }
            _ => {}
        }
    }

    fn walk_if(&mut self, cond: ExprId, then: &Block, otherwise: &Block) {
        let context = self.context.clone();
        let known = self.scope.known();
        let pointers = self.pointers.clone();
        let minima = self.minima.clone();

        self.assume(cond, true);
        self.walk_block(then);
        self.context.clone_from(&context);
        self.scope.restore(known.clone());
        self.pointers.clone_from(&pointers);
        self.minima.clone_from(&minima);

        self.assume(cond, false);
        self.walk_block(otherwise);
        self.context = context;
        self.scope.restore(known);
        self.pointers = pointers;
        self.minima = minima;

        for block in [then, otherwise] {
            let effects = Effects::of_block(self.func, block);
            self.forget(&effects);
        }
        match (diverges(then), diverges(otherwise)) {
            (true, false) => self.assume(cond, false),
            (false, true) => self.assume(cond, true),
            _ => {}
        }
    }

    fn walk_loop(&mut self, for_loop: &Loop) {
        let context = self.context.clone();
        let start = self.exact_value(for_loop.start);
        let last = if for_loop.inclusive { 0 } else { -1 };
        let mut starts = Vec::new();
        if let Some(ExprKind::Call {
            intrinsic: Intrinsic::Max,
            args,
            ..
        }) = self.func.exprs.get(for_loop.start).map(|start| &start.kind)
        {
            for &arg in args {
                starts.extend(self.exact_value(arg));
            }
        }
        starts.extend(start.clone());
        let mut uppers = Vec::new();
        let mut ends = self.minima_of(for_loop.end).bounds;
        ends.splice(0..0, self.exact_value(for_loop.end));
        for (end, requires) in ends {
            if let Some(end) = end.plus(last) {
                uppers.push((end, requires));
            }
        }
        let effects = Effects::of_block(self.func, &for_loop.body);
        self.forget(&effects);
        let ty = self.func.locals.get(for_loop.var);
        let ty = ty.and_then(|local| local.ty.as_scalar());
        if let Some(var) = self.scope.var(for_loop)
            && let Some(range) = ty.and_then(range_of_ty)
        {
            let covering = self.covering(for_loop, var);
            self.coverings.extend(covering);
            self.context.enter(var, range);
            let symbols = &self.scope.symbols;
            for (bound, requires) in &starts {
                if let Some(claim) = Poly::from(var).sub(bound) {
                    self.context.assume(symbols, &claim, requires);
                }
            }
            for (bound, requires) in &uppers {
                if let Some(claim) = bound.sub(&Poly::from(var)) {
                    self.context.assume(symbols, &claim, requires);
                }
                // There is at least one iteration.
                if let Some((lower, more)) = &start
                    && let Some(claim) = bound.sub(lower)
                {
                    let mut requires = requires.clone();
                    add_all(&mut requires, more.clone());
                    self.context.assume(symbols, &claim, &requires);
                }
            }
        }
        for stmt in &for_loop.body.stmts {
            self.walk_stmt(stmt);
        }
        self.context = context;
        let mut effects = effects;
        effects.vars.insert(for_loop.var);
        self.forget(&effects);
    }

    fn forget(&mut self, effects: &Effects) {
        self.scope.forget(effects);
        for local in &effects.assigned {
            self.pointers.remove(local);
            self.minima.remove(local);
        }
        if effects.vars.is_empty() {
            return;
        }
        let symbols = &self.scope.symbols;
        let involves = |poly: &Poly| {
            (poly.symbols().into_iter()).any(
                |symbol| matches!(symbols.local(symbol), Some(local) if effects.vars.contains(&local)),
            )
        };
        (self.minima).retain(|_, minima| !minima.bounds.iter().any(|(poly, _)| involves(poly)));
        let in_extent = |extent: &Extent| involves(&extent.first) || involves(&extent.last);
        self.pointers.retain(|_, pointer| {
            let in_steps = pointer.steps.iter().any(
                |step| matches!(step, Step::Element(extents) if extents.iter().any(in_extent)),
            );
            let in_offset = (pointer.offset.as_ref()).is_some_and(|(offset, _)| involves(offset));
            !(in_steps || in_offset || pointer.extents.iter().any(in_extent))
        });
    }

    fn assign(&mut self, stmt: &Stmt) {
        let Some(place) = stmt.kind.place() else {
            return;
        };
        if is_behind_pointer(self.func, place) {
            return;
        }
        let pointer = match &stmt.kind {
            StmtKind::Assign { place, value } if place.projections.is_empty() => self
                .is_pointer(place.local)
                .then(|| self.pointer(*value, MAX_DEPTH)),
            _ => None,
        };
        let minima = match &stmt.kind {
            StmtKind::Assign { place, value }
                if place.projections.is_empty()
                    && scalar_of(self.func, place.local).is_some_and(ScalarTy::is_int)
                    && !self.points_to.is_exposed(place.local) =>
            {
                self.minima_of(*value)
            }
            _ => Minima::default(),
        };
        self.scope.assign(stmt);
        self.minima.remove(&place.local);
        if !minima.bounds.is_empty() {
            self.minima.insert(place.local, minima);
        }
        self.pointers.remove(&place.local);
        if let Some(pointer) = pointer {
            self.pointers.insert(place.local, pointer);
        }
    }

    fn is_pointer(&self, local: LocalId) -> bool {
        let ty = self.func.locals.get(local).map(|local| &local.ty);
        matches!(ty, Some(Ty::Slice { .. } | Ty::Ref { .. }))
    }

    /// An expression's value, and what that relies on.
    pub(super) fn exact_value(&mut self, expr: ExprId) -> Option<(Poly, Conditions)> {
        let exact = self.scope.value(expr)?;
        let conditions = self.context.prove_needs(&self.scope, &exact)?;
        Some((exact.poly, conditions))
    }

    /// What an expression is modulo 2⁶⁴.
    pub(super) fn exact_poly(&mut self, expr: ExprId) -> Option<(Poly, Conditions)> {
        let exact = self.scope.poly(expr)?;
        let conditions = self.context.prove_needs(&self.scope, &exact)?;
        Some((exact.poly, conditions))
    }

    /// Learns what a condition says, if it is one of integers.
    fn assume(&mut self, cond: ExprId, holds: bool) {
        let Some(expr) = self.func.exprs.get(cond) else {
            return;
        };
        match &expr.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.assume(*operand, !holds),
            ExprKind::ShortCircuit { or, lhs, rhs } if *or != holds => {
                self.assume(*lhs, holds);
                self.assume(*rhs, holds);
            }
            ExprKind::Binary {
                op: op @ (BinaryOp::BitAnd | BinaryOp::BitOr),
                lhs,
                rhs,
                ..
            } if (*op == BinaryOp::BitAnd) == holds && expr.ty == Ty::BOOL => {
                self.assume(*lhs, holds);
                self.assume(*rhs, holds);
            }
            ExprKind::Binary { op, lhs, rhs, .. } if op.is_comparison() => {
                self.assume_comparison(*op, *lhs, *rhs, holds);
            }
            _ => {}
        }
    }

    fn assume_comparison(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, holds: bool) {
        let (Some((lhs, mut requires)), Some((rhs, more))) =
            (self.exact_value(lhs), self.exact_value(rhs))
        else {
            return;
        };
        add_all(&mut requires, more);
        let (Some(up), Some(down)) = (rhs.sub(&lhs), lhs.sub(&rhs)) else {
            return;
        };
        let symbols = &self.scope.symbols;
        let claims = match (op, holds) {
            (BinaryOp::Lt, true) | (BinaryOp::Ge, false) => vec![up.plus(-1)],
            (BinaryOp::Le, true) | (BinaryOp::Gt, false) => vec![Some(up)],
            (BinaryOp::Gt, true) | (BinaryOp::Le, false) => vec![down.plus(-1)],
            (BinaryOp::Ge, true) | (BinaryOp::Lt, false) => vec![Some(down)],
            (BinaryOp::Eq, true) | (BinaryOp::Ne, false) => vec![Some(up), Some(down)],
            (BinaryOp::Ne, true) | (BinaryOp::Eq, false) => {
                self.context.assume_not_zero(symbols, &up, &requires);
                return;
            }
            _ => return,
        };
        for claim in claims.into_iter().flatten() {
            self.context.assume(symbols, &claim, &requires);
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
                self.assume(*lhs, !*or);
                self.walk_expr(*rhs);
                self.context = context;
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                self.walk_expr(*cond);
                for (value, holds) in [(*then, true), (*otherwise, false)] {
                    let context = self.context.clone();
                    self.assume(*cond, holds);
                    self.walk_expr(value);
                    self.context = context;
                }
            }
            kind => kind.for_each_operand(|operand| self.walk_expr(operand)),
        }
        if let ExprKind::Load(place) = &expr.kind {
            let span = self.func.span_of(id);
            self.access(place, false, span);
        }
    }

    /// An argument of a function of the program: it may read all that is behind it, and store to it.
    fn argument(&mut self, arg: ExprId, span: Span) {
        let Some(expr) = self.func.exprs.get(arg) else {
            return;
        };
        if !expr.ty.has_refs() {
            return;
        }
        let write = expr.ty.has_mutable_refs();
        let pointer = match expr.ty {
            Ty::Slice { .. } | Ty::Ref { .. } => self.pointer(arg, MAX_DEPTH),
            _ => Pointer::among(None),
        };
        // What it points to may point further.
        let leads_on = match &expr.ty {
            Ty::Slice { elem: to, .. } | Ty::Ref { to, .. } => to.has_refs(),
            _ => false,
        };
        if leads_on {
            let nowhere = LocalId::from_index(0);
            self.push(Root::Among(None), Vec::new(), write, span, nowhere);
        }
        let mut steps = pointer.steps;
        if matches!(expr.ty, Ty::Slice { .. }) {
            steps.push(Step::Element(pointer.extents));
        }
        let through = expr
            .kind
            .place()
            .map_or(LocalId::from_index(0), |place| place.local);
        self.push(pointer.root, steps, write, span, through);
    }

    fn access(&mut self, place: &Place, write: bool, span: Span) {
        let (root, steps) = self.resolve(place, MAX_DEPTH);
        self.push(root, steps, write, span, place.local);
    }

    fn push(&mut self, root: Root, steps: Vec<Step>, write: bool, span: Span, through: LocalId) {
        match &root {
            Root::At(Memory::Table(_)) => return,
            // Nothing but assignments of the local itself can change it.
            Root::At(Memory::Own(local))
                if !self.points_to.is_exposed(*local)
                    && !matches!(self.func.locals[*local].ty, Ty::Array { .. }) =>
            {
                return;
            }
            _ => {}
        }
        self.accesses.push(Access {
            root,
            steps,
            write,
            span,
            through,
            context: self.context.clone(),
        });
    }

    /// What a pointer's value points to.
    fn pointer(&mut self, value: ExprId, depth: u32) -> Pointer {
        let Some(expr) = self.func.exprs.get(value) else {
            return Pointer::among(None);
        };
        match &expr.kind {
            ExprKind::Load(place) if place.projections.is_empty() => {
                self.pointer_in(place.local, depth)
            }
            ExprKind::Borrow(place) => {
                let (root, steps) = self.resolve(place, depth);
                let mut pointer = Pointer::to(root);
                pointer.steps = steps;
                pointer
            }
            ExprKind::SubSlice {
                base, start, end, ..
            } => self.part(base, *start, *end, depth),
            ExprKind::Table(table) => Pointer::to(Root::At(Memory::Table(*table))),
            _ => Pointer::among(None),
        }
    }

    fn part(
        &mut self,
        base: &Place,
        start: Option<ExprId>,
        end: Option<ExprId>,
        depth: u32,
    ) -> Pointer {
        let whole = match place_ty(self.func, base) {
            Some(Ty::Slice { .. }) if base.projections.is_empty() => {
                self.pointer_in(base.local, depth)
            }
            Some(Ty::Array { .. }) => {
                let (root, steps) = self.resolve(base, depth);
                let mut pointer = Pointer::to(root);
                pointer.steps = steps;
                pointer
            }
            _ => return Pointer::among(None),
        };
        let start = match start {
            Some(start) => self.exact_poly(start),
            None => Some((Poly::default(), Vec::new())),
        };
        // The part ends there or before.
        let minima = end.map_or_else(Vec::new, |end| self.minima_of(end).bounds);
        let end = match end {
            Some(end) => self.exact_poly(end),
            None => (self.scope.len(base)).and_then(|len| {
                let conditions = self.context.prove_needs(&self.scope, &len)?;
                Some((len.poly, conditions))
            }),
        };
        let sum = |a: &Option<(Poly, Conditions)>, b: &Option<(Poly, Conditions)>, number| {
            let ((a, requires), (b, more)) = (a.as_ref()?, b.as_ref()?);
            let mut requires = requires.clone();
            add_all(&mut requires, more.clone());
            Some((a.add(b)?.plus(number)?, requires))
        };
        let offset = sum(&whole.offset, &start, 0);
        let mut extents = whole.extents;
        for end in minima.into_iter().map(Some).chain([end]) {
            let last = sum(&whole.offset, &end, -1);
            if let (Some((first, requires)), Some((last, more))) = (&offset, last) {
                let mut requires = requires.clone();
                add_all(&mut requires, more);
                let first = first.clone();
                extents.push(Extent {
                    first,
                    last,
                    requires,
                });
            }
        }
        Pointer {
            root: whole.root,
            steps: whole.steps,
            offset,
            extents,
        }
    }

    /// What a local points to that the loop does not assign.
    pub(super) fn captured(&mut self, local: LocalId) -> Pointer {
        self.pointer_in(local, MAX_DEPTH)
    }

    /// Whether two slices share no element, whatever is in them.
    pub(super) fn apart(&self, a: &Pointer, b: &Pointer) -> bool {
        if a.root != b.root || matches!(a.root, Root::Among(_)) {
            return false;
        }
        // Parts of one array; elsewhere the steps would have to be compared.
        if !a.steps.is_empty() || !b.steps.is_empty() {
            return false;
        }
        let symbols = &self.scope.symbols;
        let before = |low: &Extent, high: &Extent| {
            let unconditional = low.requires.is_empty() && high.requires.is_empty();
            let claim = high.first.sub(&low.last).and_then(|gap| gap.plus(-1));
            unconditional
                && claim
                    .and_then(|claim| Context::default().prove(symbols, &claim))
                    .is_some_and(|conditions| conditions.is_empty())
        };
        a.extents.iter().any(|a| {
            b.extents.iter().any(|b| {
                let exact = [a, b].iter().all(|extent| {
                    [&extent.first, &extent.last].iter().all(|poly| {
                        (symbols.range_of(poly))
                            .is_some_and(|range| range.lo >= -(1 << 63) && range.hi < 1 << 64)
                    })
                });
                exact && (before(a, b) || before(b, a))
            })
        })
    }

    /// What a local points to.
    fn pointer_in(&mut self, local: LocalId, depth: u32) -> Pointer {
        if let Some(pointer) = self.pointers.get(&local) {
            return pointer.clone();
        }
        if self.scope.effects().assigned.contains(&local) || !self.is_pointer(local) {
            return Pointer::among(self.points_to.targets(local));
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Pointer::among(self.points_to.targets(local));
        };
        if self.func.params.contains(&local) {
            let data = match &self.func.locals[local].ty {
                Ty::Slice { elem: to, .. } | Ty::Ref { to, .. } => !to.has_refs(),
                _ => false,
            };
            return Pointer::to(match (data, self.points_to.assignments(local)) {
                (true, 0) => Root::At(Memory::Param(local)),
                _ => Root::Behind(local),
            });
        }
        match self.points_to.definition(self.func, local) {
            Some(value) => {
                let pointer = self.pointer(value, depth);
                match pointer.root {
                    Root::Among(_) => Pointer::to(Root::Behind(local)),
                    _ => pointer,
                }
            }
            None => Pointer::to(Root::Behind(local)),
        }
    }

    /// The way to a place.
    fn resolve(&mut self, place: &Place, depth: u32) -> (Root, Vec<Step>) {
        let unknown = || (Root::Among(None), Vec::new());
        let Some(local) = self.func.locals.get(place.local) else {
            return unknown();
        };
        let mut ty = &local.ty;
        let mut root = Root::At(Memory::Own(place.local));
        let mut steps = Vec::new();
        for (position, projection) in place.projections.iter().enumerate() {
            let next = match (projection, ty) {
                (Projection::Deref, Ty::Ref { to, .. }) if position == 0 => {
                    let pointer = self.pointer_in(place.local, depth);
                    (root, steps) = (pointer.root, pointer.steps);
                    &**to
                }
                (Projection::Index { index, .. }, Ty::Slice { elem, .. }) if position == 0 => {
                    let pointer = self.pointer_in(place.local, depth);
                    (root, steps) = (pointer.root, pointer.steps);
                    let mut extents = pointer.extents;
                    if let Some((offset, requires)) = pointer.offset {
                        extents.extend(self.element(*index, &offset, requires));
                    }
                    steps.push(Step::Element(extents));
                    &**elem
                }
                (Projection::Index { index, .. }, Ty::Array { elem, .. }) => {
                    let extent = self.element(*index, &Poly::default(), Vec::new());
                    steps.push(Step::Element(extent.into_iter().collect()));
                    &**elem
                }
                (Projection::Field(field), ty) => {
                    // Fields of an enum's variants lie in the same bytes.
                    if !matches!(ty, Ty::Struct(of) if of.overlaps) {
                        steps.push(Step::Field(*field));
                    }
                    match ty.field(*field) {
                        Some(ty) => ty,
                        None => return unknown(),
                    }
                }
                // A pointer in memory.
                _ => return unknown(),
            };
            ty = next;
        }
        (root, steps)
    }

    fn element(&mut self, index: ExprId, offset: &Poly, requires: Conditions) -> Option<Extent> {
        let (index, more) = self.exact_poly(index)?;
        let at = index.add(offset)?;
        let mut requires = requires;
        add_all(&mut requires, more);
        Some(Extent {
            first: at.clone(),
            last: at,
            requires,
        })
    }
}

/// The scalar type of a local.
pub(super) fn scalar_of(func: &Function, local: LocalId) -> Option<ScalarTy> {
    func.locals.get(local)?.ty.as_scalar()
}
