//! Innermost loops that use one element throughout and may store to it once:
//!
//! ```text
//! for j in 0..n { d[i * n + j] = d[i * n + j].min(d[i * n + k] + d[k * n + j]); }
//! ```
//!
//! Where `j` is `k`, the loop changes what it reads in all other iterations. It is split there, which leaves the order of iterations as it is:
//!
//! ```text
//! while first < n {
//!     last = if first <= k && k < n { k } else { n };
//!     if first < last { t = d[i * n + k]; for j in first..last { d[i * n + j] = d[i * n + j].min(t + d[k * n + j]); } }
//!     if last < n { the iteration j = last, as it was }
//!     first = last + 1;
//! }
//! ```
//!
//! In the loop that is left nothing stands in the way of vectors. Where the ranges say that the store never reaches the
//! element, it is loaded before the loop, and that is all.

use super::copy::next_label;
use super::edit::Edit;
use crate::analysis::affine::Scope;
use crate::analysis::effects::Effects;
use crate::analysis::poly::Poly;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::Ty;

/// Splits the innermost loops of a function where that is of use.
pub(super) fn run(func: &mut Function, remarks: &mut Remarks<'_>) {
    let mut labels = next_label(func);
    let mut body = std::mem::take(&mut func.body);
    visit(func, &mut body, &mut labels, remarks);
    func.body = body;
}

fn visit(func: &mut Function, block: &mut Block, labels: &mut u32, remarks: &mut Remarks<'_>) {
    let mut position = 0;
    while position < block.stmts.len() {
        let stmt = &mut block.stmts[position];
        match &mut stmt.kind {
            StmtKind::If {
                then, otherwise, ..
            } => {
                visit(func, then, labels, remarks);
                visit(func, otherwise, labels, remarks);
            }
            StmtKind::For(for_loop) if for_loop.hints.cold => {}
            StmtKind::For(Loop { body, .. })
            | StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. } => visit(func, body, labels, remarks),
            StmtKind::Assign { .. }
            | StmtKind::Eval(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. }
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Parallel(_) => {}
        }
        let mut count = 1;
        if let Some(plan) = plan(func, &block.stmts[position]) {
            let stmt = block.stmts[position].clone();
            let splits = plan.meeting.is_some();
            let span = stmt.span;
            let new = rewrite(func, &stmt, &plan, labels);
            count = new.len();
            block.stmts.splice(position..=position, new);
            if splits {
                remarks.add(span, RemarkKind::Split);
            }
        }
        position += count;
    }
}

/// What to do with a loop.
struct Plan {
    /// Loads of elements that do not change but where the loop is split. They are of one element each.
    loads: Vec<ExprId>,
    /// The indices of an element and of a store that reaches it once; `None`: no store does.
    meeting: Option<(ExprId, ExprId)>,
}

fn plan(func: &Function, stmt: &Stmt) -> Option<Plan> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return None;
    };
    let one = ExprKind::Const(ConstValue::Int(1));
    let counts = func.exprs.get(for_loop.step)?.kind == one
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals.get(for_loop.var)?.ty == Ty::USIZE;
    let mut assigns = for_loop.body.stmts.iter().map(|stmt| match &stmt.kind {
        StmtKind::Assign { place, value } => Some((place, *value)),
        _ => None,
    });
    let assigns: Vec<(&Place, ExprId)> = if counts {
        assigns.by_ref().collect::<Option<_>>()?
    } else {
        return None;
    };
    let effects = Effects::of_stmt(func, stmt);
    if effects.traps || effects.stored_through.is_empty() || !effects.assigned.is_empty() {
        return None;
    }
    let is_param = |local: LocalId| {
        local.index() < func.params.len() && matches!(func.locals[local].ty, Ty::Slice { .. })
    };
    // An element of another slice may be the same as one of these.
    if !effects.stored_through.iter().all(|&slice| is_param(slice)) {
        return None;
    }
    let mut scope = Scope::new(func, effects);
    let var = scope.var(for_loop)?;
    let mut poly = |expr: ExprId| {
        let exact = scope.poly(expr)?;
        exact.needs.is_empty().then_some(exact.poly)
    };
    let (start, end) = (poly(for_loop.start), poly(for_loop.end));
    // Where each store goes: one element further with each iteration.
    let mut stores: Vec<(LocalId, ExprId, Poly)> = Vec::new();
    for (place, _) in &assigns {
        let [Projection::Index { index, site: None }] = place.projections.as_slice() else {
            return None;
        };
        let (factor, rest) = poly(*index)?.linear_in(var)?;
        if factor != Poly::constant(1) {
            return None;
        }
        stores.push((place.local, *index, rest));
    }
    let mut loads = Vec::new();
    for (_, value) in &assigns {
        collect_loads(func, *value, &mut loads);
    }
    let mut plan = Plan {
        loads: Vec::new(),
        meeting: None,
    };
    let mut meets_at: Option<Poly> = None;
    for (load, slice, index) in loads {
        let Some(at) = poly(index).filter(|at| !at.contains(var)) else {
            continue;
        };
        let mut fits = true;
        let mut met = None;
        let own = stores.iter().filter(|(other, ..)| *other == slice);
        for (_, store, rest) in own {
            let Some(meets) = at.sub(rest) else {
                fits = false;
                break;
            };
            if is_outside(&meets, start.as_ref(), end.as_ref()) {
                continue;
            }
            match &meets_at {
                Some(known) if *known != meets => fits = false,
                _ => {
                    meets_at = Some(meets.clone());
                    met = Some((index, *store));
                }
            }
        }
        // What no store reaches in memory that nobody stores to is LLVM's to move.
        let stored = stores.iter().any(|(other, ..)| *other == slice);
        if fits && stored {
            plan.loads.push(load);
            plan.meeting = plan.meeting.or(met);
        }
    }
    (!plan.loads.is_empty()).then_some(plan)
}

/// Whether a value is before the first or behind the last iteration, for sure.
fn is_outside(value: &Poly, start: Option<&Poly>, end: Option<&Poly>) -> bool {
    let distance = |bound: Option<&Poly>| value.sub(bound?)?.as_constant();
    distance(start).is_some_and(|distance| (-1024..0).contains(&distance))
        || distance(end).is_some_and(|distance| (0..1024).contains(&distance))
}

/// The loads of elements that happen in each iteration.
fn collect_loads(func: &Function, id: ExprId, loads: &mut Vec<(ExprId, LocalId, ExprId)>) {
    let Some(expr) = func.exprs.get(id) else {
        return;
    };
    if let ExprKind::Load(place) = &expr.kind
        && let &[Projection::Index { index, site: None }] = place.projections.as_slice()
        && expr.ty.as_scalar().is_some()
    {
        loads.push((id, place.local, index));
        return;
    }
    let mut number = 0;
    expr.kind.for_each_operand(|operand| {
        let lazy = matches!(
            expr.kind,
            ExprKind::Select { .. } | ExprKind::ShortCircuit { .. }
        ) && number > 0;
        number += 1;
        if !lazy {
            collect_loads(func, operand, loads);
        }
    });
}

fn rewrite(func: &mut Function, stmt: &Stmt, plan: &Plan, labels: &mut u32) -> Vec<Stmt> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return vec![stmt.clone()];
    };
    let mut edit = Edit::with_labels(func, stmt.span, *labels);
    let new = rewrite_with(&mut edit, for_loop, plan);
    *labels = edit.next_label();
    new
}

fn rewrite_with(edit: &mut Edit<'_>, for_loop: &Loop, plan: &Plan) -> Vec<Stmt> {
    let [first, end] = ["first", "end"].map(|name| edit.temporary(name, Ty::USIZE));
    let mut values = Vec::new();
    let mut loaded = Vec::new();
    for &load in &plan.loads {
        let ty = edit.ty(load).clone();
        values.push((load, edit.temporary("element", ty)));
    }
    for &(load, value) in &values {
        let load = edit.copy(load, &mut |_, _| None);
        loaded.push(edit.set(value, load));
    }
    let set_first = edit.copy(for_loop.start, &mut |_, _| None);
    let set_first = edit.set(first, set_first);
    let set_end = edit.copy(for_loop.end, &mut |_, _| None);
    let set_end = edit.set(end, set_end);

    let Some((index, store)) = plan.meeting else {
        let run = section(edit, for_loop, (first, end), loaded, &values);
        return vec![set_first, set_end, run];
    };
    let [last, meets] = ["last", "meets"].map(|name| edit.temporary(name, Ty::USIZE));
    // The store reaches the element where its index is the element's: its index grows by one with the variable.
    let element = edit.copy(index, &mut |_, _| None);
    let var = for_loop.var;
    let origin = edit.copy(store, &mut |edit, id| {
        is_load_of(edit.func, id, var).then(|| edit.usize(0))
    });
    let distance = edit.sub(element, origin);
    let set_meets = edit.set(meets, distance);

    // last = if first <= meets && meets < end { meets } else { end }
    let (a, b) = (edit.load(first), edit.load(meets));
    let above = edit.binary(BinaryOp::Le, a, b);
    let (a, b) = (edit.load(meets), edit.load(end));
    let below = edit.binary(BinaryOp::Lt, a, b);
    let cond = edit.all(vec![above, below]);
    let (then, otherwise) = (edit.load(meets), edit.load(end));
    let kind = ExprKind::Select {
        cond,
        then,
        otherwise,
    };
    let choice = edit.expr(kind, Ty::USIZE);
    let set_last = edit.set(last, choice);

    let run = section(edit, for_loop, (first, last), loaded, &values);
    let mut alone = Vec::new();
    for stmt in &for_loop.body.stmts {
        if let StmtKind::Assign { place, value } = &stmt.kind {
            let mut at_last = |edit: &mut Edit<'_>, id: ExprId| {
                is_load_of(edit.func, id, var).then(|| edit.load(last))
            };
            let value = edit.copy(*value, &mut at_last);
            let mut place = place.clone();
            for step in &mut place.projections {
                if let Projection::Index { index, .. } = step {
                    *index = edit.copy(*index, &mut at_last);
                }
            }
            alone.push(edit.assign(place, value));
        }
    }
    let (a, b) = (edit.load(last), edit.load(end));
    let more = edit.binary(BinaryOp::Lt, a, b);
    let meeting = edit.if_then(more, alone, Vec::new());
    // `last` is `end` in the end, which has no successor if it is the greatest value: then the condition ends the loop, too.
    let next = edit.load(last);
    let (limit, after) = (edit.load(end), edit.add_const(next, 1));
    let (a, b) = (edit.load(last), edit.load(end));
    let cond = edit.binary(BinaryOp::Lt, a, b);
    let kind = ExprKind::Select {
        cond,
        then: after,
        otherwise: limit,
    };
    let next = edit.expr(kind, Ty::USIZE);
    let set_next = edit.set(first, next);
    let (a, b) = (edit.load(first), edit.load(end));
    let cond = edit.binary(BinaryOp::Lt, a, b);
    let label = edit.label();
    let body = Block {
        stmts: vec![set_last, run, meeting, set_next],
    };
    let around = edit.stmt(StmtKind::While { label, cond, body });
    vec![set_first, set_end, set_meets, around]
}

/// `if first < end { loads; for var in first..end { the body, its loads replaced } }`.
fn section(
    edit: &mut Edit<'_>,
    for_loop: &Loop,
    (first, end): (LocalId, LocalId),
    loaded: Vec<Stmt>,
    values: &[(ExprId, LocalId)],
) -> Stmt {
    let var = edit.counter("j");
    let mut body = Vec::new();
    for stmt in &for_loop.body.stmts {
        if let StmtKind::Assign { place, value } = &stmt.kind {
            let mut replaced = |edit: &mut Edit<'_>, id: ExprId| {
                if let Some((_, value)) = values.iter().find(|(load, _)| *load == id) {
                    return Some(edit.load(*value));
                }
                is_load_of(edit.func, id, for_loop.var).then(|| edit.load(var))
            };
            let value = edit.copy(*value, &mut replaced);
            let mut place = place.clone();
            for step in &mut place.projections {
                if let Projection::Index { index, .. } = step {
                    *index = edit.copy(*index, &mut replaced);
                }
            }
            body.push(edit.assign(place, value));
        }
    }
    let (start, limit) = (edit.load(first), edit.load(end));
    let inner = edit.for_loop(var, (start, limit, 1), for_loop.hints, body);
    let (a, b) = (edit.load(first), edit.load(end));
    let some = edit.binary(BinaryOp::Lt, a, b);
    let mut stmts = loaded;
    stmts.push(inner);
    edit.if_then(some, stmts, Vec::new())
}

fn is_load_of(func: &Function, id: ExprId, local: LocalId) -> bool {
    matches!(&func.exprs[id].kind, ExprKind::Load(place)
        if place.projections.is_empty() && place.local == local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Argument, Outcome, Program, Remark, Value, eval, parse, verify_specialized_program,
    };

    fn split(text: &str) -> (Function, Function, Vec<Remark>) {
        let before = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut after = before.clone();
        let mut remarks = Vec::new();
        run(&mut after, &mut Remarks::new(0, &mut remarks));
        let program = Program {
            functions: vec![after.clone()],
            hosts: Vec::new(),
        };
        if let Err(errors) = verify_specialized_program(&program) {
            panic!("{errors:#?}");
        }
        (before, after, remarks)
    }

    fn text(body: &str) -> String {
        format!(
            "fn f(d: &mut [f64], n: usize) {{
                let i: usize;
                let j: usize;
                let k: usize;
                '0: for k in 0usize..n {{ '1: for i in 0usize..n {{ {body} }} }}
            }}"
        )
    }

    fn check(body: &str, splits: bool) {
        let (before, after, remarks) = split(&text(body));
        assert_ne!(before, after, "{body}");
        assert_eq!(!remarks.is_empty(), splits, "{body}");
        for n in [0_usize, 1, 2, 3, 7, 10] {
            let values = (0..n * n).map(|x| Value::from(((x * 37 + 11) % 53) as f64 - 9.0));
            let mut args = vec![
                Argument::Slice(values.collect()),
                Argument::Scalar(Value::from(n)),
            ];
            let mut expected = args.clone();
            let fuel = 1_000_000;
            assert_eq!(
                eval(&before, &mut expected, fuel),
                Ok(Outcome::Return(Value::Unit))
            );
            assert_eq!(
                eval(&after, &mut args, fuel),
                Ok(Outcome::Return(Value::Unit))
            );
            assert!(args == expected, "{n}: {body}");
        }
    }

    #[test]
    fn at_the_element_that_all_use() {
        let least = "'2: for j in 0usize..n {
            d[((i * n) + j)] = d[((i * n) + j)].min((d[((i * n) + k)] + d[((k * n) + j)]));
        }";
        check(least, true);
        check(&least.replace("0usize..n", "(k + 1usize)..n"), false);
        check(&least.replace("0usize..n", "0usize..k"), false);
        check(&least.replace("0usize..n", "k..n"), true);
        // One element is out of reach, the other one is not.
        let both = least.replace("d[((k * n) + j)]", "d[((i * n) + i)]");
        check(&both.replace("0usize..n", "(k + 1usize)..n"), true);
        // It is changed by what is added to it, and used twice.
        let sum = "'2: for j in 0usize..n {
            d[((i * n) + j)] = ((d[((i * n) + k)] * 0.5f64) + (d[((k * n) + j)] - d[((i * n) + k)]));
        }";
        check(sum, true);
        // The store is to another row: it may be met anywhere.
        let other = "'2: for j in 0usize..n {
            d[((i * n) + j)] = ((d[((k * n) + i)] * 0.5f64) + 1.0f64);
        }";
        check(other, true);
    }

    #[test]
    fn two_elements_at_two_places() {
        let two = "'2: for j in 0usize..n {
            d[((i * n) + j)] = ((d[((i * n) + k)] * 0.5f64) + d[((k * n) + i)]);
        }";
        check(two, true);
    }

    #[test]
    fn nothing_to_split() {
        for body in [
            "'2: for j in 0usize..n { d[((i * n) + j)] = (d[((i * n) + j)] + 1.0f64); }",
            "'2: for j in 0usize..n { d[((j * n) + i)] = (d[((k * n) + k)] + 1.0f64); }",
        ] {
            let (before, after, remarks) = split(&text(body));
            assert_eq!(before, after);
            assert!(remarks.is_empty());
        }
    }
}
