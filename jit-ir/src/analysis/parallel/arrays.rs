//! Arrays whose elements are accumulators: `bins[x[i]] += 1`.

use super::accesses::{Access, Step};
use super::pointers::Root;
use super::reductions::{ReduceOp, count_in, same_expr};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// An array of accumulators. Each chunk adds into an array of its own, if the array is short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayReduction {
    /// The array, or the slice.
    pub local: LocalId,
    /// What combines.
    pub op: ReduceOp,
}

impl ArrayReduction {
    /// The array: the local, or what it refers to.
    pub(crate) fn place(&self, func: &Function) -> Place {
        let place = Place::local(self.local);
        match func.locals[self.local].ty {
            Ty::Ref { .. } => place.deref(),
            _ => place,
        }
    }
}

/// What the elements of a local are, or of the array that it refers to, and how many there are, if its type says that.
pub(crate) fn elements_of(ty: &Ty) -> Option<(&Ty, Option<u64>)> {
    match ty {
        Ty::Slice { elem, .. } => Some((elem, None)),
        Ty::Array { elem, len } => Some((elem, Some(*len))),
        Ty::Ref { to, .. } => match &**to {
            Ty::Array { elem, len } => Some((elem, Some(*len))),
            _ => None,
        },
        _ => None,
    }
}

/// A loop over so many elements is not worth a thread.
const SHORT: u64 = 256;

/// `array[index] = array[index] op value`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update {
    pub(crate) op: ReduceOp,
    pub(crate) index: ExprId,
    /// The operation, of which one operand is the element.
    pub(crate) operation: ExprId,
    /// Whether the element is its right operand.
    pub(crate) swapped: bool,
    pub(crate) value: ExprId,
    /// Whether the index is checked.
    pub(crate) checked: bool,
}

/// The update of an array that a statement is.
pub(crate) fn update_of(func: &Function, stmt: &Stmt, array: LocalId) -> Option<Update> {
    let StmtKind::Assign { place, value } = &stmt.kind else {
        return None;
    };
    let index_in = |place: &Place| match place.projections[..] {
        [Projection::Index { index, site }]
        | [Projection::Deref, Projection::Index { index, site }]
            if place.local == array =>
        {
            Some((index, site.is_some()))
        }
        _ => None,
    };
    let (index, mut checked) = index_in(place)?;
    let (op, lhs, rhs, commutes) = operation_of(&func.exprs.get(*value)?.kind)?;
    let mut is_element = |operand: ExprId| match &func.exprs[operand].kind {
        ExprKind::Load(from) => index_in(from).is_some_and(|(from, checks)| {
            checked |= checks;
            same_expr(func, from, index)
        }),
        _ => false,
    };
    let (swapped, other) = match (is_element(lhs), is_element(rhs)) {
        (true, false) => (false, rhs),
        (false, true) if commutes => (true, lhs),
        _ => return None,
    };
    if count_in(func, other, array) > 0 || count_in(func, index, array) > 0 {
        return None;
    }
    Some(Update {
        op,
        index,
        operation: *value,
        swapped,
        value: other,
        checked,
    })
}

/// What an operation that cannot panic combines by, its operands, and whether they may change places.
fn operation_of(kind: &ExprKind) -> Option<(ReduceOp, ExprId, ExprId, bool)> {
    Some(match *kind {
        ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        } => {
            let by = match op {
                BinaryOp::Add | BinaryOp::Sub => ReduceOp::Add,
                BinaryOp::Mul => ReduceOp::Mul,
                BinaryOp::BitAnd => ReduceOp::And,
                BinaryOp::BitOr => ReduceOp::Or,
                BinaryOp::BitXor => ReduceOp::Xor,
                _ => return None,
            };
            // Subtractions are additions of what is negative.
            (by, lhs, rhs, op != BinaryOp::Sub)
        }
        ExprKind::Call {
            intrinsic,
            ref args,
            site: None,
        } => {
            let by = match intrinsic {
                Intrinsic::WrappingAdd | Intrinsic::WrappingSub => ReduceOp::Add,
                Intrinsic::WrappingMul => ReduceOp::Mul,
                Intrinsic::Min => ReduceOp::Min,
                Intrinsic::Max => ReduceOp::Max,
                _ => return None,
            };
            let [lhs, rhs] = args[..] else {
                return None;
            };
            (by, lhs, rhs, intrinsic != Intrinsic::WrappingSub)
        }
        _ => return None,
    })
}

/// Whether the array of an access is one of accumulators: all that the loop does with it are updates, by one operator.
pub(super) fn array_reduction(
    func: &Function,
    for_loop: &Loop,
    access: &Access,
    accesses: &[Access],
) -> Option<ArrayReduction> {
    let local = access.through;
    let (elem, len) = elements_of(&func.locals.get(local)?.ty)?;
    let elem = elem.as_scalar()?;
    if matches!(access.root, Root::Among(_)) {
        return None;
    }
    // Where the index is a formula, a loop inside or around is the one to run in parallel, unless the array is short.
    let is_data = |step: &Step| matches!(step, Step::Element(extents) if extents.is_empty());
    let is_short = len.is_some_and(|len| len <= SHORT);
    if !is_short && !access.steps.iter().any(is_data) {
        return None;
    }
    // By no other way, and nothing that may be the same memory.
    let only = |other: &Access| other.root != access.root || other.through == local;
    let clear = |other: &Access| !matches!(other.root, Root::Among(_) | Root::Behind(_));
    if !accesses
        .iter()
        .all(|other| only(other) && (clear(other) || other.root == access.root))
    {
        return None;
    }
    let mut op = None;
    updates_only(func, &for_loop.body, local, &mut op)?;
    let op = op?;
    let sums = matches!(op, ReduceOp::Add | ReduceOp::Mul);
    let extreme = matches!(op, ReduceOp::Min | ReduceOp::Max);
    let ordered = elem.is_float() && sums && !func.fastmath.reassoc;
    let exists = match elem {
        ScalarTy::Bool => !sums && !extreme,
        elem if elem.is_float() => sums || extreme,
        elem => elem.is_int(),
    };
    (exists && !ordered).then_some(ArrayReduction { local, op })
}

fn updates_only(
    func: &Function,
    block: &Block,
    array: LocalId,
    op: &mut Option<ReduceOp>,
) -> Option<()> {
    for stmt in &block.stmts {
        let mut mentions = usize::from(stmt.kind.place().is_some_and(|to| to.local == array));
        stmt.kind
            .for_each_expr(|expr| mentions += count_in(func, expr, array));
        if mentions > 0 {
            let update = update_of(func, stmt, array)?;
            match op {
                Some(known) if *known != update.op => return None,
                _ => *op = Some(update.op),
            }
        }
        for inner in stmt.kind.blocks() {
            updates_only(func, inner, array, op)?;
        }
    }
    Some(())
}
