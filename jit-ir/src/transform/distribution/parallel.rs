//! Distribution for functions with the option `parallel`: the parts whose iterations are independent then run on several threads.

use super::{distribute, guarded, parts};
use crate::analysis::parallel::{Analysis, LoopPath, PointsTo, ReasonKind, Verdict, visit_loops};
use crate::expr::{BinaryOp, ExprKind};
use crate::func::{Function, Program};
use crate::intrinsic::Intrinsic;
use crate::remark::{Remark, RemarkKind, Remarks};
use crate::stmt::{LoopRequest, Stmt, StmtKind};
use crate::transform::nests::block_at;

/// A function grows by copies of each loop.
const MOST_LOOPS: usize = 4;
/// What a part has to do at least in one iteration, in operations: threads do not help loops that wait for memory.
const LEAST_WORK: usize = 6;

/// Distributes loops of a function where a part becomes parallel by that.
pub(in crate::transform) fn run(program: &mut Program, number: usize, all: &mut Vec<Remark>) {
    let mut refused: Vec<LoopPath> = Vec::new();
    for _ in 0..MOST_LOOPS {
        let Some((path, parts)) = candidate(program, number, &refused) else {
            return;
        };
        let before = program.functions[number].clone();
        let places = apply(&mut program.functions[number], &path, &parts);
        let wanted = parts.iter().map(|part| !part.serial);
        let legal = places
            .as_ref()
            .map(|places| are_legal(program, number, places));
        let gains = legal
            .as_ref()
            .is_some_and(|legal| wanted.zip(legal).any(|(wanted, &legal)| wanted && legal));
        if !gains {
            program.functions[number] = before;
            refused.push(path);
            continue;
        }
        let stmt = places.and_then(|places| {
            let (path, position) = places.into_iter().next()?;
            let block = block_at(&mut program.functions[number].body, &path)?;
            Some(block.stmts.get(position)?.span)
        });
        if let Some(span) = stmt {
            let loops = parts.len();
            let parallel = legal.map_or(0, |legal| legal.iter().filter(|&&legal| legal).count());
            let kind = RemarkKind::Distributed { loops, parallel };
            Remarks::new(number, all).add(span, kind);
        }
    }
}

/// The next loop that is not parallel and a part of which may be.
fn candidate(
    program: &Program,
    number: usize,
    refused: &[LoopPath],
) -> Option<(LoopPath, Vec<super::Part>)> {
    let func = &program.functions[number];
    func.parallel?;
    let mut analyses: Option<(Analysis<'_>, PointsTo)> = None;
    let mut found = None;
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        if found.is_some() || for_loop.hints.cold {
            return false;
        }
        if for_loop.request != LoopRequest::Auto
            || for_loop.body.stmts.len() < 2
            || refused.contains(site.path)
        {
            return true;
        }
        if analyses.is_none() {
            analyses = Analysis::new(program, number).map(|all| (all, PointsTo::of(func)));
        }
        let Some((analysis, points_to)) = &analyses else {
            return false;
        };
        let Verdict::Illegal(reason) = analysis.of_loop(site).verdict else {
            return false;
        };
        let may_help = matches!(
            reason.kind,
            ReasonKind::Carried
                | ReasonKind::LastValue
                | ReasonKind::FloatOrder
                | ReasonKind::Overflow
                | ReasonKind::Dependence
                | ReasonKind::Indirect
        );
        if may_help
            && let Some(parts) = parts(func, points_to, site.stmt)
            && parts
                .iter()
                .any(|part| !part.serial && work(func, for_loop, part) >= LEAST_WORK)
        {
            found = Some((site.path.clone(), parts));
        }
        found.is_none()
    });
    found
}

/// Operations of a part in one iteration, those in loops counted often.
fn work(func: &Function, for_loop: &crate::stmt::Loop, part: &super::Part) -> usize {
    fn of_stmt(func: &Function, stmt: &Stmt) -> usize {
        let mut work = 0;
        let mut open = Vec::new();
        stmt.kind.for_each_expr(|expr| open.push(expr));
        while let Some(expr) = open.pop() {
            let kind = &func.exprs[expr].kind;
            kind.for_each_operand(|operand| open.push(operand));
            work += match kind {
                ExprKind::Binary {
                    op: BinaryOp::Div | BinaryOp::Rem,
                    ..
                } => 5,
                ExprKind::Binary { .. } | ExprKind::Select { .. } | ExprKind::Unary { .. } => 1,
                ExprKind::Call { intrinsic, .. } => match intrinsic {
                    Intrinsic::Abs | Intrinsic::Min | Intrinsic::Max => 1,
                    Intrinsic::Sqrt => 5,
                    _ => 8,
                },
                _ => 0,
            };
        }
        let inside = stmt.kind.blocks().flat_map(|block| &block.stmts);
        let inside: usize = inside.map(|stmt| of_stmt(func, stmt)).sum();
        match &stmt.kind {
            StmtKind::For(_) => work + 16 * inside,
            _ => work + inside,
        }
    }
    let stmts = part
        .stmts
        .iter()
        .filter_map(|&stmt| for_loop.body.stmts.get(stmt));
    stmts.map(|stmt| of_stmt(func, stmt)).sum()
}

/// Puts the parts in place of the loop; the ways to them.
fn apply(
    func: &mut Function,
    (path, position): &LoopPath,
    parts: &[super::Part],
) -> Option<Vec<LoopPath>> {
    let block = block_at(&mut func.body, path)?;
    let original = block.stmts.get(*position)?.clone();
    let (loops, guards) = distribute(func, &original, parts)?;
    let count = loops.len();
    let is_guarded = !guards.is_empty();
    let stmts = guarded(func, original, loops, guards);
    let block = block_at(&mut func.body, path)?;
    block.stmts.splice(*position..=*position, stmts);
    let places = (0..count).map(|number| match is_guarded {
        true => {
            let mut path = path.clone();
            path.push((*position, 0));
            (path, number)
        }
        false => (path.clone(), position + number),
    });
    Some(places.collect())
}

fn are_legal(program: &Program, number: usize, places: &[LoopPath]) -> Vec<bool> {
    let mut legal = vec![false; places.len()];
    let Some(analysis) = Analysis::new(program, number) else {
        return legal;
    };
    visit_loops(&program.functions[number], &mut |site| {
        if let Some(at) = places.iter().position(|place| place == site.path) {
            legal[at] = !matches!(analysis.of_loop(site).verdict, Verdict::Illegal(_));
        }
        true
    });
    legal
}
