//! Whether the value of a local is read again.

use crate::expr::ExprId;
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Label, Loop, Stmt, StmtKind};

/// What happens to a local first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// It may be read, or control goes where it may be.
    Read,
    /// It is assigned, or the function ends.
    Gone,
    /// Nothing for sure.
    Nothing,
}

/// What may run behind a statement, the next block last: the statements of the blocks around it that follow, and the block itself if it
/// is repeated.
#[derive(Clone, Debug, Default)]
pub struct Following<'f> {
    blocks: Vec<(&'f [Stmt], Option<&'f Stmt>)>,
}

impl<'f> Following<'f> {
    /// Steps into a block, of which these statements follow; `repeats` is the loop whose body it is.
    pub fn enter(&mut self, following: &'f [Stmt], repeats: Option<&'f Stmt>) {
        self.blocks.push((following, repeats));
    }

    /// Steps out of a block.
    pub fn leave(&mut self) {
        self.blocks.pop();
    }

    /// Whether the value that a local has now may be read.
    pub fn may_read(&self, func: &Function, local: LocalId) -> bool {
        for (following, repeats) in self.blocks.iter().rev() {
            match first_of(func, following, local, &mut Vec::new()) {
                First::Read => return true,
                First::Gone => return false,
                First::Nothing => {}
            }
            if let Some(around) = repeats
                && first_in(func, around, local, &mut Vec::new()) == First::Read
            {
                return true;
            }
        }
        false
    }
}

/// Of these statements; `inside` are the labels of the statements around them that are looked at, too: who leaves those goes to what
/// follows them, which is looked at next.
fn first_of(func: &Function, stmts: &[Stmt], local: LocalId, inside: &mut Vec<Label>) -> First {
    for stmt in stmts {
        match first_in(func, stmt, local, inside) {
            First::Nothing => {}
            first => return first,
        }
    }
    First::Nothing
}

fn first_in_block(
    func: &Function,
    block: &Block,
    local: LocalId,
    inside: &mut Vec<Label>,
) -> First {
    first_of(func, &block.stmts, local, inside)
}

fn first_in(func: &Function, stmt: &Stmt, local: LocalId, inside: &mut Vec<Label>) -> First {
    let mut reads = false;
    stmt.kind
        .for_each_expr(|expr| reads = reads || mentions(func, expr, local));
    if reads {
        return First::Read;
    }
    match &stmt.kind {
        StmtKind::Parallel(parallel) => match &parallel.result {
            Some(place) if place.local == local && place.projections.is_empty() => First::Gone,
            Some(place) if place.local == local => First::Read,
            _ => First::Nothing,
        },
        StmtKind::Assign { place, .. }
        | StmtKind::Call {
            result: Some(place),
            ..
        }
        | StmtKind::HostCall {
            result: Some(place),
            ..
        } if place.local == local => match place.projections.is_empty() {
            true => First::Gone,
            false => First::Read,
        },
        StmtKind::If {
            then, otherwise, ..
        } => match (
            first_in_block(func, then, local, inside),
            first_in_block(func, otherwise, local, inside),
        ) {
            (First::Read, _) | (_, First::Read) => First::Read,
            (First::Gone, First::Gone) => First::Gone,
            _ => First::Nothing,
        },
        StmtKind::For(Loop { label, .. })
        | StmtKind::While { label, .. }
        | StmtKind::Forever { label, .. }
        | StmtKind::Labeled { label, .. } => {
            inside.push(*label);
            let read = (stmt.kind.blocks())
                .any(|block| first_in_block(func, block, local, inside) == First::Read);
            inside.pop();
            match read {
                true => First::Read,
                false => First::Nothing,
            }
        }
        StmtKind::Break(label) | StmtKind::Continue(label) if inside.contains(label) => {
            First::Nothing
        }
        StmtKind::Break(_) | StmtKind::Continue(_) => First::Read,
        StmtKind::Return(_) | StmtKind::Trap { .. } => First::Gone,
        StmtKind::Assign { .. }
        | StmtKind::Eval(_)
        | StmtKind::Call { .. }
        | StmtKind::HostCall { .. } => First::Nothing,
    }
}

fn mentions(func: &Function, expr: ExprId, local: LocalId) -> bool {
    let Some(expr) = func.exprs.get(expr) else {
        return true;
    };
    let mut found = expr.kind.place().is_some_and(|place| place.local == local);
    expr.kind
        .for_each_operand(|operand| found = found || mentions(func, operand, local));
    found
}
