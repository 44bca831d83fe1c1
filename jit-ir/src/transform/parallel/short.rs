//! Loops that may have too few iterations for the threads that there are, around loops that have many:
//!
//! ```text
//! for i in 0..n { for j in 0..m { .. } }   →   if n < 8 && m * work >= least { for i in 0..n { for j in 0..m { .. } } } else { for i in 0..n { .. } }
//! ```
//!
//! In the first of the two the inner loops run in parallel, one after the other, in the second one the outer loop does.

use crate::analysis::effects::Effects;
use crate::analysis::parallel::{Analysis, LoopPath, Verdict, visit_loops};
use crate::analysis::poly::{Poly, SymbolKind, Symbols};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{Function, Program};
use crate::parallel::Parallelism;
use crate::stmt::{Block, Label, Loop, LoopRequest, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::copy::Copier;
use super::super::edit::Edit;
use super::super::nests::block_at;
use super::cost::{Cost, cost_of};
use super::{FEW, least_amount, stmt_at};

/// A function grows by a copy of each loop.
const MOST_LOOPS: usize = 3;
/// Statements of a loop that there are copies of.
const MOST_STATEMENTS: usize = 24;

/// The versions of loops for few iterations.
#[derive(Debug, Default)]
pub(super) struct Short {
    /// Those loops, which stay serial.
    pub(super) whole: Vec<Label>,
    /// The loops in them, which have enough to do.
    pub(super) inside: Vec<Label>,
}

/// Gives loops of a function that would run in parallel a version for few iterations, where loops in them may run in parallel, too.
pub(super) fn run(program: &mut Program, number: usize, serial: &[Label], min_work: u64) -> Short {
    let mut short = Short::default();
    let plan = program.functions[number].parallel;
    // Who says how long a loop is to be means it as it is written.
    if plan.is_none_or(|plan| {
        Parallelism {
            threads: None,
            ..plan
        } != Parallelism::AUTO
    }) {
        return short;
    }
    let found = candidates(program, number, serial);
    // From the back, so that positions stay right.
    for (place, inside) in found.into_iter().rev() {
        write(
            &mut program.functions[number],
            &place,
            &inside,
            min_work,
            &mut short,
        );
    }
    short
}

/// A loop, and the positions of loops in its body.
type Found = (LoopPath, Vec<LoopPath>);

/// The loops that run in parallel, with the outermost ones inside that may as well.
fn candidates(program: &Program, number: usize, serial: &[Label]) -> Vec<Found> {
    let func = &program.functions[number];
    let Some(analysis) = Analysis::new(program, number) else {
        return Vec::new();
    };
    let mut found: Vec<Found> = Vec::new();
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        if for_loop.hints.cold || serial.contains(&for_loop.label) {
            return false;
        }
        let finding = analysis.of_loop(site);
        let is_legal = !matches!(finding.verdict, Verdict::Illegal(_)) && finding.arrays.is_empty();
        let (path, position) = site.path;
        if let Some(((outer, at), inside)) = found.last_mut()
            && path.len() > outer.len()
            && path.starts_with(outer)
            && path[outer.len()].0 == *at
        {
            // Deeper ones are parts of it then.
            if is_legal {
                inside.push(site.path.clone());
            }
            return !is_legal;
        }
        if is_legal && is_candidate(func, for_loop) {
            found.push(((path.clone(), *position), Vec::new()));
        }
        true
    });
    found.retain(|(_, inside)| !inside.is_empty());
    found.truncate(MOST_LOOPS);
    found
}

fn is_candidate(func: &Function, for_loop: &Loop) -> bool {
    let constant = |id: ExprId| matches!(func.exprs[id].kind, ExprKind::Const(_));
    let one = ExprKind::Const(ConstValue::Int(1));
    func.locals[for_loop.var].ty == Ty::USIZE
        && func.exprs[for_loop.step].kind == one
        && !for_loop.inclusive
        && for_loop.request == LoopRequest::Auto
        && !(constant(for_loop.start) && constant(for_loop.end))
        && size(&for_loop.body) <= MOST_STATEMENTS
}

fn size(block: &Block) -> usize {
    let mut size = 0;
    block.for_each_stmt(|_| size += 1);
    size
}

fn write(
    func: &mut Function,
    (path, position): &LoopPath,
    inside: &[LoopPath],
    min_work: u64,
    short: &mut Short,
) -> Option<()> {
    let original = stmt_at(func, path, *position)?.clone();
    let StmtKind::For(outer) = &original.kind else {
        return None;
    };
    let effects = Effects::of_stmt(func, &original);
    // One that has enough to do, as far as is known before the loops.
    let known = inside.iter().find_map(|(path, position)| {
        let stmt = stmt_at(func, path, *position)?;
        let StmtKind::For(inner) = &stmt.kind else {
            return None;
        };
        let cost = cost_of(func, stmt, inner);
        let count = cost.count.clone()?;
        let is_known = |poly: &Poly| is_known(&cost.symbols, &effects, poly);
        // What is short in any case is not asked.
        let may_be_long = count.as_constant().is_none();
        (may_be_long && is_known(&count) && is_known(&cost.poly)).then_some((
            inner.label,
            cost,
            count,
        ))
    });
    let (label, cost, count) = known?;
    let mut copier = Copier::new(func);
    let mut copy = copier.copy_loop(func, outer);
    let whole = copy.label;
    let mut edit = Edit::with_labels(func, original.span, copier.next_label());
    let same = &mut |_: &mut Edit<'_>, _| None;
    let mut conditions = Vec::new();
    let [start, end] = [outer.start, outer.end].map(|bound| edit.copy(bound, same));
    conditions.push(edit.binary(BinaryOp::Lt, start, end));
    let [start, end] = [outer.start, outer.end].map(|bound| edit.copy(bound, same));
    let (length, few) = (edit.sub(end, start), edit.usize(FEW as u64));
    conditions.push(edit.binary(BinaryOp::Lt, length, few));
    conditions.push(enough(&mut edit, &cost, &count, min_work / 2));
    let cond = edit.all(conditions);
    copy.request = LoopRequest::Auto;
    let mut labels = Vec::new();
    pair(&outer.body, &copy.body, &mut labels);
    let copy = edit.stmt(StmtKind::For(copy));
    let both = edit.if_then(cond, vec![copy], vec![original.clone()]);
    let block = block_at(&mut func.body, path)?;
    *block.stmts.get_mut(*position)? = both;
    short.whole.push(whole);
    let known = labels.iter().filter(|(old, _)| *old == label);
    short.inside.extend(known.map(|&(_, new)| new));
    Some(())
}

/// The labels of loops in a block, and those of their copies.
fn pair(old: &Block, new: &Block, labels: &mut Vec<(Label, Label)>) {
    let labels_of = |block: &Block| {
        let mut labels = Vec::new();
        block.for_each_stmt(|stmt| {
            if let StmtKind::For(inner) = &stmt.kind {
                labels.push(inner.label);
            }
        });
        labels
    };
    labels.extend(labels_of(old).into_iter().zip(labels_of(new)));
}

/// Whether a polynomial has one value all through a statement with these effects.
fn is_known(symbols: &Symbols, effects: &Effects, poly: &Poly) -> bool {
    poly.symbols()
        .into_iter()
        .all(|symbol| match symbols.kind(symbol) {
            SymbolKind::Value(path) | SymbolKind::Len(path) => {
                !effects.assigned.contains(&path.local) && !effects.vars.contains(&path.local)
            }
            SymbolKind::Quotient(poly, _) => is_known(symbols, effects, poly),
            SymbolKind::Min(a, b) | SymbolKind::Max(a, b) => {
                is_known(symbols, effects, a) && is_known(symbols, effects, b)
            }
            SymbolKind::Instance(..) => false,
        })
}

/// Whether a loop with so many iterations has enough to do.
fn enough(edit: &mut Edit<'_>, cost: &Cost, count: &Poly, min_work: u64) -> ExprId {
    let each = cost.units(edit);
    let count = cost.value(edit, count);
    let all = edit.binary(BinaryOp::Mul, count, each);
    let least = ConstValue::F64(least_amount(min_work, cost).to_bits());
    let least = edit.expr(ExprKind::Const(least), Ty::Scalar(ScalarTy::F64));
    edit.binary(BinaryOp::Ge, all, least)
}
