//! Whether one loop is faster than two.
//!
//! Two loops that LLVM vectorizes stay vectorized together where each iteration has to do with the same iteration of the other only; they
//! gain if they share elements, which then are loaded once or not at all, and store to the same arrays: two streams of stores at a time were slower
//! than one after the other (`docs/performance.md`). Two loops whose iterations wait for each other (a sum in a fixed
//! order, a recurrence) gain by waiting at the same time. A loop of either kind loses in the company of the other.

use std::collections::HashMap;

use crate::analysis::iterations::{Access, Distance, Steps};
use crate::analysis::parallel::carried_locals;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, StmtKind};
use crate::ty::ScalarTy;

/// Operations of one loop; more take too many registers.
const MOST_OPERATIONS: usize = 64;
/// Arrays of one loop: each is a stream that the processor fetches ahead.
const MOST_STREAMS: usize = 8;

/// What decides how a loop runs.
#[derive(Debug)]
pub(super) struct Profile {
    /// Whether an iteration needs what the one before computed, but for sums that may be regrouped.
    serial: bool,
    /// Whether no iteration needs another one's elements.
    parallel_elements: bool,
    operations: usize,
    /// Divisions, roots, functions: what takes longer than loading an element.
    heavy: usize,
    /// The size of the largest element.
    widest: u64,
}

/// The profile of a loop with these accesses.
pub(super) fn profile(
    func: &Function,
    for_loop: &Loop,
    accesses: &[Access],
    steps: Steps,
) -> Profile {
    let mut parallel_elements = true;
    for (position, first) in accesses.iter().enumerate() {
        for second in &accesses[position..] {
            if first.is_element && second.is_element && first.conflicts(second) {
                let distance = first.distance(second, steps);
                parallel_elements &= matches!(distance, Distance::Never | Distance::Exactly(0));
            }
        }
    }
    let mut operations = 0;
    let mut heavy = 0;
    for_each_expr(func, &for_loop.body, &mut |expr| {
        let (cost, is_heavy) = cost_of(&func.exprs[expr].kind);
        operations += cost;
        heavy += usize::from(is_heavy);
    });
    let mut widest = 1;
    for_each_expr(func, &for_loop.body, &mut |expr| {
        if let ExprKind::Load(place) = &func.exprs[expr].kind
            && !place.projections.is_empty()
            && let Some(ty) = func.exprs[expr].ty.as_scalar()
        {
            widest = widest.max(u64::from(ty.bits() / 8));
        }
    });
    for_loop.body.for_each_stmt(|stmt| {
        if let StmtKind::Assign { place, value } = &stmt.kind
            && !place.projections.is_empty()
            && let Some(ty) = func.exprs[*value].ty.as_scalar()
        {
            widest = widest.max(u64::from(ty.bits() / 8));
        }
    });
    Profile {
        serial: !parallel_elements || has_chain(func, &for_loop.body),
        parallel_elements,
        operations,
        heavy,
        widest,
    }
}

/// Whether loops with these profiles and accesses gain by being one. `distances` are those by which accesses that meet are apart.
pub(super) fn is_worth(
    [one, two]: &[Profile; 2],
    firsts: &[Access],
    seconds: &[Access],
    distances: &[i128],
) -> bool {
    let mut streams = Vec::new();
    for access in firsts.iter().chain(seconds) {
        if access.is_element && !streams.contains(&access.base()) {
            streams.push(access.base());
        }
    }
    if one.operations + two.operations > MOST_OPERATIONS
        || streams.len() > MOST_STREAMS
        || one.serial != two.serial
    {
        return false;
    }
    if one.serial {
        // Waiting for memory is no chain that others shorten.
        return (one.parallel_elements && two.parallel_elements) || !distances.is_empty();
    }
    let stored = |accesses: &[&Access]| {
        let mut stored: Vec<_> = Vec::new();
        for access in accesses {
            // A local array that nothing else reads is not stored to at all then.
            if access.write && !access.is_local() && !stored.contains(&access.base()) {
                stored.push(access.base());
            }
        }
        stored.len()
    };
    let (first, second): (Vec<_>, Vec<_>) = (firsts.iter().collect(), seconds.iter().collect());
    let all: Vec<_> = first.iter().chain(&second).copied().collect();
    if stored(&all) > stored(&first).max(stored(&second)) {
        return false;
    }
    let shared = (firsts.iter()).any(|first| {
        seconds
            .iter()
            .any(|second| first.same_element(second) && first.is_contiguous())
    });
    shared
        && one.heavy + two.heavy == 0
        && one.widest == two.widest
        && distances.iter().all(|&distance| distance == 0)
        && firsts
            .iter()
            .chain(seconds)
            .all(|access| !access.is_element || access.is_contiguous())
}

/// Operations that an expression is, and whether it takes long.
fn cost_of(kind: &ExprKind) -> (usize, bool) {
    match kind {
        ExprKind::Binary { op, .. } => match op {
            BinaryOp::Div | BinaryOp::Rem => (4, true),
            _ => (1, false),
        },
        ExprKind::Call { intrinsic, .. } => match intrinsic {
            Intrinsic::Min
            | Intrinsic::Max
            | Intrinsic::Abs
            | Intrinsic::WrappingAdd
            | Intrinsic::WrappingSub
            | Intrinsic::WrappingMul => (1, false),
            Intrinsic::MulAdd => (2, false),
            _ => (8, true),
        },
        ExprKind::Unary { .. } | ExprKind::Select { .. } | ExprKind::Cast { .. } => (1, false),
        ExprKind::ShortCircuit { .. } => (1, false),
        ExprKind::NumCast { .. } | ExprKind::NumCastFits { .. } => (4, true),
        _ => (0, false),
    }
}

/// Whether a local carries something from iteration to iteration that LLVM does not take for a reduction.
fn has_chain(func: &Function, body: &Block) -> bool {
    let mut assigned: HashMap<LocalId, usize> = HashMap::new();
    body.for_each_stmt(|stmt| {
        if let StmtKind::Assign { place, .. } = &stmt.kind {
            *assigned.entry(place.local).or_default() += 1;
        }
    });
    assigned.retain(|&local, _| func.locals[local].ty.as_scalar().is_some());
    let mut reads: HashMap<LocalId, usize> = HashMap::new();
    for_each_expr(func, body, &mut |expr| {
        if let ExprKind::Load(place) = &func.exprs[expr].kind
            && place.projections.is_empty()
        {
            *reads.entry(place.local).or_default() += 1;
        }
    });
    let carries = carried_locals(func, body);
    let carried = (assigned.iter()).filter(|(local, _)| carries.contains(local));
    for (&local, &assignments) in carried {
        let mut reduces = false;
        body.for_each_stmt(|stmt| {
            if let StmtKind::Assign { place, value } = &stmt.kind
                && place.local == local
            {
                reduces = is_reduction(func, local, *value);
            }
        });
        if !reduces || assignments != 1 || reads.get(&local) != Some(&1) {
            return true;
        }
    }
    false
}

/// Whether this is `local op something`, in any order of iterations.
fn is_reduction(func: &Function, local: LocalId, value: ExprId) -> bool {
    let expr = &func.exprs[value];
    let Some(ty) = expr.ty.as_scalar() else {
        return false;
    };
    let is_local = |expr: ExprId| {
        matches!(&func.exprs[expr].kind, ExprKind::Load(place)
            if place.local == local && place.projections.is_empty())
    };
    let regroups = |ty: ScalarTy| !ty.is_float() || func.fastmath.reassoc;
    match &expr.kind {
        ExprKind::Binary {
            op, lhs, rhs, site, ..
        } => {
            let is_one = is_local(*lhs) || (is_local(*rhs) && *op != BinaryOp::Sub);
            site.is_none()
                && is_one
                && match op {
                    BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => regroups(ty),
                    BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => true,
                    _ => false,
                }
        }
        ExprKind::Call {
            intrinsic:
                Intrinsic::Min | Intrinsic::Max | Intrinsic::WrappingAdd | Intrinsic::WrappingMul,
            args,
            ..
        } => args.iter().any(|&arg| is_local(arg)),
        _ => false,
    }
}

/// Calls `visit` with each expression in a block.
fn for_each_expr(func: &Function, block: &Block, visit: &mut impl FnMut(ExprId)) {
    block.for_each_stmt(|stmt| {
        let mut open = Vec::new();
        stmt.kind.for_each_expr(|expr| open.push(expr));
        while let Some(expr) = open.pop() {
            visit(expr);
            func.exprs[expr]
                .kind
                .for_each_operand(|operand| open.push(operand));
        }
    });
}
