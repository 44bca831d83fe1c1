//! The locals that a loop's body assigns: which of them belong to one iteration.

use std::collections::{HashMap, HashSet};

use super::reductions::count_in;
use crate::analysis::effects::is_behind_pointer;
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, Stmt, StmtKind};
use crate::ty::Ty;

/// A local that the loop assigns.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    /// The first assignment.
    pub(super) assigned: Span,
    /// Where it is used before the iteration has assigned it.
    pub(super) exposed: Option<Span>,
    /// Whether it is assigned as a whole anywhere.
    pub(super) as_whole: bool,
}

/// The locals that are assigned in a block, which runs many times.
pub(super) fn usages(func: &Function, body: &Block) -> HashMap<LocalId, Usage> {
    let mut found: HashMap<LocalId, Usage> = HashMap::new();
    body.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place()
            && !is_behind_pointer(func, place)
        {
            let usage = found.entry(place.local).or_insert_with(|| Usage {
                assigned: stmt.span,
                ..Usage::default()
            });
            usage.as_whole |= place.projections.is_empty();
        }
    });
    let mut flow = Flow {
        func,
        found,
        at_breaks: HashMap::new(),
    };
    flow.block(body, Some(HashSet::new()));
    flow.found
}

/// The locals that a body assigns and uses before it has assigned them: they carry something from one iteration to the next.
pub(crate) fn carried_locals(func: &Function, body: &Block) -> HashSet<LocalId> {
    let carried = (usages(func, body).into_iter()).filter(|(_, usage)| usage.exposed.is_some());
    carried.map(|(local, _)| local).collect()
}

/// The locals that this iteration has assigned for sure. `None`: control does not get here.
type State = Option<HashSet<LocalId>>;

fn meet(a: State, b: State) -> State {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (Some(only), None) | (None, Some(only)) => Some(only),
        (None, None) => None,
    }
}

/// The arrays of which a loop assigns each element and reads none: `for k in 0..N { a[k] = ..; }`.
pub(crate) fn filled(func: &Function, for_loop: &Loop) -> Vec<LocalId> {
    let constant = |expr: ExprId| match func.exprs.get(expr)?.kind {
        ExprKind::Const(ConstValue::Int(value)) => Some(value),
        _ => None,
    };
    let ends = (constant(for_loop.start), constant(for_loop.end));
    let (Some(0), Some(end)) = ends else {
        return Vec::new();
    };
    let behind = end + u128::from(for_loop.inclusive);
    let mut leaves = constant(for_loop.step) != Some(1);
    for_loop.body.for_each_stmt(|stmt| {
        leaves |= matches!(
            stmt.kind,
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Return(_)
        );
    });
    if leaves {
        return Vec::new();
    }
    let mut found = Vec::new();
    for stmt in &for_loop.body.stmts {
        let StmtKind::Assign { place, .. } = &stmt.kind else {
            continue;
        };
        let [Projection::Index { index, .. }] = place.projections[..] else {
            continue;
        };
        let is_var = func.exprs.get(index).is_some_and(
            |index| matches!(&index.kind, ExprKind::Load(of) if *of == Place::local(for_loop.var)),
        );
        let is_whole = (func.locals.get(place.local)).is_some_and(
            |local| matches!(local.ty, Ty::Array { len, .. } if u128::from(len) == behind),
        );
        if is_var && is_whole && mentions(func, &for_loop.body, place.local) == 1 {
            found.push(place.local);
        }
    }
    found
}

/// How often a local occurs in a block.
fn mentions(func: &Function, block: &Block, local: LocalId) -> usize {
    let mut count = 0;
    block.for_each_stmt(|stmt| {
        count += usize::from(stmt.kind.place().is_some_and(|place| place.local == local));
        stmt.kind
            .for_each_expr(|expr| count += count_in(func, expr, local));
    });
    count
}

struct Flow<'f> {
    func: &'f Function,
    found: HashMap<LocalId, Usage>,
    /// What holds where control leaves a block of this name.
    at_breaks: HashMap<Label, State>,
}

impl Flow<'_> {
    fn block(&mut self, block: &Block, mut state: State) -> State {
        for stmt in &block.stmts {
            state = self.stmt(stmt, state);
        }
        state
    }

    fn stmt(&mut self, stmt: &Stmt, state: State) -> State {
        let assigned = state?;
        let mut roots = Vec::new();
        stmt.kind.for_each_expr(|expr| roots.push(expr));
        for root in roots {
            self.expr(root, &assigned, stmt.span);
        }
        let mut assigned = assigned;
        if let Some(place) = stmt.kind.place()
            && !is_behind_pointer(self.func, place)
        {
            match place.projections.is_empty() {
                true => {
                    assigned.insert(place.local);
                }
                // The rest of it is kept.
                false => self.used(place.local, &assigned, stmt.span),
            }
        } else if let Some(place) = stmt.kind.place() {
            self.used(place.local, &assigned, stmt.span);
        }
        match &stmt.kind {
            StmtKind::If {
                then, otherwise, ..
            } => {
                let first = self.block(then, Some(assigned.clone()));
                let second = self.block(otherwise, Some(assigned));
                meet(first, second)
            }
            StmtKind::For(for_loop) => {
                // What it fills, it does not read.
                assigned.extend(filled(self.func, for_loop));
                self.block(&for_loop.body, Some(assigned.clone()));
                Some(assigned)
            }
            StmtKind::While { body, .. } => {
                self.block(body, Some(assigned.clone()));
                Some(assigned)
            }
            StmtKind::Forever { label, body } => {
                self.block(body, Some(assigned));
                self.at_breaks.remove(label).unwrap_or(None)
            }
            StmtKind::Labeled { label, body } => {
                let end = self.block(body, Some(assigned));
                let breaks = self.at_breaks.remove(label).unwrap_or(None);
                meet(end, breaks)
            }
            StmtKind::Break(label) => {
                let known = self.at_breaks.remove(label).unwrap_or(None);
                let known = meet(known, Some(assigned));
                self.at_breaks.insert(*label, known);
                None
            }
            StmtKind::Continue(_) | StmtKind::Return(_) | StmtKind::Trap { .. } => None,
            _ => Some(assigned),
        }
    }

    fn expr(&mut self, id: ExprId, assigned: &HashSet<LocalId>, around: Span) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let Some(expr) = self.func.exprs.get(id) else {
                continue;
            };
            if let Some(place) = expr.kind.place() {
                let span = match self.func.span_of(id) {
                    Span::UNKNOWN => around,
                    span => span,
                };
                // The length of an array is that of its type.
                if !matches!(expr.kind, ExprKind::Len(_)) || self.is_pointer(place.local) {
                    self.used(place.local, assigned, span);
                }
            }
            expr.kind.for_each_operand(|operand| open.push(operand));
        }
    }

    fn is_pointer(&self, local: LocalId) -> bool {
        (self.func.locals.get(local)).is_none_or(|local| local.ty.has_refs())
    }

    fn used(&mut self, local: LocalId, assigned: &HashSet<LocalId>, span: Span) {
        if assigned.contains(&local) {
            return;
        }
        if let Some(usage) = self.found.get_mut(&local)
            && usage.exposed.is_none()
        {
            usage.exposed = Some(span);
        }
    }
}
