//! What a part of a function changes, and how control leaves it.

use std::collections::HashSet;

use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Label, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::Ty;

/// What statements do, but for the values that they compute.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// Locals that are assigned, as a whole or in part. Without induction variables.
    pub assigned: HashSet<LocalId>,
    /// The induction variables of the counted loops inside.
    pub vars: HashSet<LocalId>,
    /// The locals that hold the slices and references through which memory is stored to. What else points there is changed, too.
    pub stored_through: HashSet<LocalId>,
    /// Whether functions are called, of the program or of Rust's, which may store through what they are given.
    pub calls: bool,
    /// Whether host functions are called: they touch no other memory of the program, but what they do must happen as often and in the
    /// same order.
    pub host_calls: bool,
    /// Whether control may leave other than at the end: `return`, `break` and `continue` of what is around, a trap statement.
    pub leaves: bool,
    /// Whether there is a loop of unknown length: `while`, `loop`.
    pub unbounded: bool,
    /// Whether an expression may trap.
    pub traps: bool,
}

impl Effects {
    /// Those of a statement.
    pub fn of_stmt(func: &Function, stmt: &Stmt) -> Effects {
        let mut effects = Effects::default();
        effects.add_stmt(func, stmt, &mut Vec::new());
        effects
    }

    /// Those of a block.
    pub fn of_block(func: &Function, block: &Block) -> Effects {
        let mut effects = Effects::default();
        effects.add_block(func, block, &mut Vec::new());
        effects
    }

    /// Whether memory may change.
    pub fn stores(&self) -> bool {
        self.calls || !self.stored_through.is_empty()
    }

    fn add_block(&mut self, func: &Function, block: &Block, labels: &mut Vec<Label>) {
        for stmt in &block.stmts {
            self.add_stmt(func, stmt, labels);
        }
    }

    fn add_stmt(&mut self, func: &Function, stmt: &Stmt, labels: &mut Vec<Label>) {
        if !self.traps {
            stmt.kind
                .for_each_expr(|expr| self.traps |= may_trap(func, expr));
            if let Some(place) = stmt.kind.place() {
                place.for_each_site(|_| self.traps = true);
            }
        }
        if let Some(place) = stmt.kind.place() {
            match is_behind_pointer(func, place) {
                true => self.stored_through.insert(place.local),
                false => self.assigned.insert(place.local),
            };
        }
        let label = match &stmt.kind {
            StmtKind::For(for_loop) => {
                self.vars.insert(for_loop.var);
                Some(for_loop.label)
            }
            StmtKind::While { label, .. } | StmtKind::Forever { label, .. } => {
                self.unbounded = true;
                Some(*label)
            }
            StmtKind::Labeled { label, .. } => Some(*label),
            StmtKind::Break(label) | StmtKind::Continue(label) => {
                self.leaves |= !labels.contains(label);
                None
            }
            StmtKind::Return(_) | StmtKind::Trap { .. } => {
                self.leaves = true;
                None
            }
            StmtKind::Call { .. } | StmtKind::Parallel(_) => {
                self.calls = true;
                self.leaves = true;
                None
            }
            StmtKind::HostCall { args, .. } => {
                self.host_calls = true;
                // What it is given to read or to store through: as a function of the program.
                let has_refs =
                    |arg: &ExprId| func.exprs.get(*arg).is_none_or(|arg| arg.ty.has_refs());
                self.calls |= args.iter().any(has_refs);
                self.leaves = true;
                None
            }
            StmtKind::Assign { .. } | StmtKind::Eval(_) | StmtKind::If { .. } => None,
        };
        labels.extend(label);
        for block in stmt.kind.blocks() {
            self.add_block(func, block, labels);
        }
        if label.is_some() {
            labels.pop();
        }
    }
}

/// Whether a place is in the memory that a slice or a reference points to, and not in the local itself.
pub fn is_behind_pointer(func: &Function, place: &Place) -> bool {
    let Some(local) = func.locals.get(place.local) else {
        return true;
    };
    let mut ty = &local.ty;
    for step in &place.projections {
        ty = match (step, ty) {
            (Projection::Deref, _) | (Projection::Index { .. }, Ty::Slice { .. }) => return true,
            (Projection::Index { .. }, Ty::Array { elem, .. }) => elem,
            (Projection::Field(field), ty) => match ty.field(*field) {
                Some(field) => field,
                None => return true,
            },
            _ => return true,
        };
    }
    false
}

/// The locals that something may point to that can be stored through: stores to memory may change them.
pub fn exposed_locals(func: &Function) -> HashSet<LocalId> {
    let pointed_to = func.exprs.iter().filter_map(|(_, expr)| {
        let place = match &expr.kind {
            ExprKind::Borrow(place) => place,
            // A part of a slice is what the slice points to; a part of an array is the local's own memory.
            ExprKind::SubSlice { base, .. }
                if !matches!(place_ty(func, base), Some(Ty::Slice { .. })) =>
            {
                base
            }
            _ => return None,
        };
        let exposed = expr.ty.has_mutable_refs() && !is_behind_pointer(func, place);
        exposed.then_some(place.local)
    });
    pointed_to.collect()
}

/// Whether evaluating an expression may trap: whether a site is in its tree.
pub fn may_trap(func: &Function, expr: ExprId) -> bool {
    let Some(expr) = func.exprs.get(expr) else {
        return true;
    };
    let mut traps = expr.kind.site().is_some();
    if let Some(place) = expr.kind.place() {
        place.for_each_site(|_| traps = true);
    }
    expr.kind
        .for_each_operand(|operand| traps = traps || may_trap(func, operand));
    traps
}

/// Whether control cannot reach the end of a block.
pub fn diverges(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_)
        | StmtKind::Trap { .. }
        | StmtKind::Break(_)
        | StmtKind::Continue(_) => true,
        StmtKind::If {
            then, otherwise, ..
        } => diverges(then) && diverges(otherwise),
        _ => false,
    })
}
