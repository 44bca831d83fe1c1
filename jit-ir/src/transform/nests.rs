//! Loop nests that are rewritten as a whole.

use crate::analysis::liveness::Following;
use crate::func::Function;
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Label, Stmt, StmtKind};

use super::Target;
use super::nest::{self, Nest, Refusal};
use super::register_blocks::{self, Sizes};

/// The way to a statement: the position in a block, and which block of the statement there to step into.
pub(super) type Path = Vec<(usize, usize)>;

/// Computes nests in register blocks where that is legal and worth it. Those with the labels in `large` are always worth it, so that what they were costs
/// little time to compile.
pub(super) fn run(
    func: &mut Function,
    target: &Target,
    large: &[Label],
    remarks: &mut Remarks<'_>,
) {
    run_with(func, target, Sizes::default(), large, remarks);
}

fn run_with(
    func: &mut Function,
    target: &Target,
    sizes: Sizes,
    large: &[Label],
    remarks: &mut Remarks<'_>,
) {
    let mut search = Search {
        func,
        following: Following::default(),
        path: Vec::new(),
        found: Vec::new(),
    };
    search.visit(&func.body, None);
    let found = search.found;
    // From the back, so that positions stay right.
    for (path, position, result) in found.into_iter().rev() {
        let Some(mut original) = block_at(&mut func.body, &path)
            .and_then(|block| block.stmts.get(position))
            .cloned()
        else {
            continue;
        };
        let span = original.span;
        if let StmtKind::For(for_loop) = &mut original.kind
            && large.contains(&for_loop.label)
        {
            for_loop.hints.cold = true;
            super::jam::chill(&mut for_loop.body);
        }
        let done =
            result.and_then(|nest| register_blocks::block(func, nest, original, target, sizes));
        match done {
            Ok((stmts, block)) => {
                if let Some(place) = block_at(&mut func.body, &path) {
                    place.stmts.splice(position..=position, stmts);
                }
                let (rows, columns) = (block.rows, block.vectors * block.lanes);
                remarks.add(span, RemarkKind::Blocked { rows, columns });
            }
            Err(why) => remarks.add(span, RemarkKind::NotBlocked(why)),
        }
    }
}

struct Search<'f> {
    func: &'f Function,
    following: Following<'f>,
    path: Path,
    found: Vec<(Path, usize, Result<Nest, Refusal>)>,
}

impl<'f> Search<'f> {
    fn visit(&mut self, block: &'f Block, around: Option<&'f Stmt>) {
        for (position, stmt) in block.stmts.iter().enumerate() {
            self.following.enter(&block.stmts[position + 1..], around);
            self.visit_stmt(stmt, position);
            self.following.leave();
        }
    }

    fn visit_stmt(&mut self, stmt: &'f Stmt, position: usize) {
        if let StmtKind::For(for_loop) = &stmt.kind {
            if for_loop.hints.cold {
                return;
            }
            let found = nest::find(self.func, stmt).and_then(|nest| {
                let carried = |&&local: &&_| self.following.may_read(self.func, local);
                match nest.assigned.iter().find(carried) {
                    Some(_) => Err(Refusal::Carried),
                    None => Ok(nest),
                }
            });
            match found {
                Ok(_) => {
                    self.found.push((self.path.clone(), position, found));
                    return;
                }
                // Only nests that come near are worth a word.
                Err(Refusal::Form) => {}
                Err(_) => self.found.push((self.path.clone(), position, found)),
            }
        }
        let repeats = match &stmt.kind {
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. } => Some(stmt),
            _ => None,
        };
        for (number, inner) in stmt.kind.blocks().enumerate() {
            self.path.push((position, number));
            self.visit(inner, repeats);
            self.path.pop();
        }
    }
}

pub(super) fn block_at<'b>(body: &'b mut Block, path: &[(usize, usize)]) -> Option<&'b mut Block> {
    let mut block = body;
    for &(position, number) in path {
        block = block_of(&mut block.stmts.get_mut(position)?.kind, number)?;
    }
    Some(block)
}

fn block_of(kind: &mut StmtKind, number: usize) -> Option<&mut Block> {
    match (kind, number) {
        (StmtKind::If { then, .. }, 0) => Some(then),
        (StmtKind::If { otherwise, .. }, 1) => Some(otherwise),
        (StmtKind::For(for_loop), 0) => Some(&mut for_loop.body),
        (
            StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. },
            0,
        ) => Some(body),
        _ => None,
    }
}

#[cfg(test)]
#[path = "nests_tests.rs"]
mod tests;
