//! What a loop may get into by the functions that it calls: functions that are not compiled, recursion, large frames.

use std::collections::HashMap;

use crate::analysis::effects::Effects;
use crate::expr::ExprId;
use crate::func::{Function, Local, Program};
use crate::layout::layout_of;
use crate::stmt::{Block, StmtKind};
use crate::ty::Ty;

/// Which functions call functions that are not compiled, directly or not.
pub(super) fn calls_hosts(program: &Program) -> Vec<bool> {
    let mut calls: Vec<bool> = Vec::with_capacity(program.functions.len());
    let mut edges: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, func) in program.functions.iter().enumerate() {
        let mut direct = false;
        func.body.for_each_stmt(|stmt| match &stmt.kind {
            StmtKind::HostCall { .. } => direct = true,
            StmtKind::Call { function, .. } => {
                edges.entry(*function as usize).or_default().push(number);
            }
            _ => {}
        });
        calls.push(direct);
    }
    let mut open: Vec<usize> = (0..calls.len()).filter(|&number| calls[number]).collect();
    while let Some(number) = open.pop() {
        for &caller in edges.get(&number).into_iter().flatten() {
            if let Some(known) = calls.get_mut(caller)
                && !*known
            {
                *known = true;
                open.push(caller);
            }
        }
    }
    calls
}

/// Whether a block may store to memory, given that it calls no functions that are not compiled: those that are store only through what they are given.
pub(crate) fn may_store(func: &Function, block: &Block) -> bool {
    let mut stores = !Effects::of_block(func, block).stored_through.is_empty();
    block.for_each_stmt(|stmt| {
        let mutable = |arg: &ExprId| {
            let arg = func.exprs.get(*arg);
            arg.is_none_or(|arg| arg.ty.has_mutable_refs())
        };
        stores |= match &stmt.kind {
            StmtKind::Call { args, .. } => args.iter().any(mutable),
            StmtKind::HostCall { .. } | StmtKind::Parallel(_) => true,
            _ => false,
        };
    });
    stores
}

/// Whether some function of a program calls itself, directly or not.
pub(super) fn is_recursive(program: &Program) -> bool {
    let callees: Vec<Vec<usize>> = (program.functions.iter())
        .map(|func| {
            let mut callees = Vec::new();
            func.body.for_each_stmt(|stmt| {
                if let StmtKind::Call { function, .. } = &stmt.kind {
                    callees.push(*function as usize);
                }
            });
            callees
        })
        .collect();
    // Functions leave when all that they call have left; those that stay call each other.
    let mut left = vec![false; callees.len()];
    loop {
        let leaves = |number: &usize| {
            !left[*number]
                && (callees[*number].iter())
                    .all(|&callee| left.get(callee).is_none_or(|left| *left))
        };
        let Some(number) = (0..callees.len()).find(leaves) else {
            return left.contains(&false);
        };
        left[number] = true;
    }
}

/// What locals take, at most.
pub(super) fn bytes_of<'l>(locals: impl Iterator<Item = &'l Local>) -> u64 {
    let sizes = locals.map(|local| match &local.ty {
        Ty::Param(_) | Ty::Unit => 0,
        ty => layout_of(ty).map_or(0, |layout| layout.size),
    });
    sizes.fold(0, u64::saturating_add)
}
