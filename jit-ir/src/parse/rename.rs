//! New numbers for expressions.

use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::stmt::{Block, StmtKind};

fn rename_place(place: &mut Place, rename: &impl Fn(&mut ExprId)) {
    for projection in &mut place.projections {
        match projection {
            Projection::Index { index, site: _ } => rename(index),
            Projection::Field(_) | Projection::Deref => {}
        }
    }
}

pub(super) fn rename_operands(kind: &mut ExprKind, rename: &impl Fn(&mut ExprId)) {
    match kind {
        ExprKind::Const(_)
        | ExprKind::Named(_)
        | ExprKind::DebugAssertions
        | ExprKind::Table(_)
        | ExprKind::Zeroed => {}
        ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
            rename_place(place, rename);
        }
        ExprKind::SubSlice {
            base, start, end, ..
        } => {
            rename_place(base, rename);
            start.iter_mut().chain(end).for_each(rename);
        }
        ExprKind::Unary { operand, .. }
        | ExprKind::Cast { operand }
        | ExprKind::NumCast { operand, .. }
        | ExprKind::NumCastFits { operand, .. }
        | ExprKind::Repeat(operand) => rename(operand),
        ExprKind::Binary { lhs, rhs, .. } | ExprKind::ShortCircuit { lhs, rhs, .. } => {
            rename(lhs);
            rename(rhs);
        }
        ExprKind::Select {
            cond,
            then,
            otherwise,
        } => {
            rename(cond);
            rename(then);
            rename(otherwise);
        }
        ExprKind::Call { args, .. } => args.iter_mut().for_each(rename),
        ExprKind::Tuple(elems) | ExprKind::Array(elems) | ExprKind::Struct(elems) => {
            elems.iter_mut().for_each(rename);
        }
    }
}

pub(super) fn rename_block(block: &mut Block, rename: &impl Fn(&mut ExprId)) {
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Assign { place, value } => {
                rename(value);
                rename_place(place, rename);
            }
            StmtKind::Eval(value) | StmtKind::Return(Some(value)) => rename(value),
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                rename(cond);
                rename_block(then, rename);
                rename_block(otherwise, rename);
            }
            StmtKind::For(for_loop) => {
                rename(&mut for_loop.start);
                rename(&mut for_loop.end);
                rename(&mut for_loop.step);
                rename_block(&mut for_loop.body, rename);
            }
            StmtKind::While { cond, body, .. } => {
                rename(cond);
                rename_block(body, rename);
            }
            StmtKind::Forever { body, .. } | StmtKind::Labeled { body, .. } => {
                rename_block(body, rename);
            }
            StmtKind::Trap { operands, .. } => operands.iter_mut().for_each(rename),
            StmtKind::Call { args, result, .. } | StmtKind::HostCall { args, result, .. } => {
                args.iter_mut().for_each(rename);
                if let Some(place) = result {
                    rename_place(place, rename);
                }
            }
            StmtKind::Parallel(parallel) => {
                rename(&mut parallel.count);
                rename(&mut parallel.work);
                let (accumulators, identities) =
                    (&mut parallel.accumulators, &mut parallel.identities);
                let values = accumulators.iter_mut().chain(identities);
                values.chain(&mut parallel.captures).for_each(rename);
                if let Some(place) = &mut parallel.result {
                    rename_place(place, rename);
                }
            }
            StmtKind::Return(None) | StmtKind::Break(_) | StmtKind::Continue(_) => {}
        }
    }
}
