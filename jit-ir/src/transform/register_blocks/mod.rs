//! Register blocking: the nests that [`super::nest`] finds are computed block by block, each block in vector registers while the sums grow.
//!
//! ```text
//! for ib in u0..u1 step BLOCK {                              // rows whose accumulators are kept in `sums`
//!     for jj in v0..v1 step COLUMNS {
//!         sums[..] = what `pre` says
//!         for kk in r0..r1 step DEPTH {                      // what is packed stays in the first-level cache
//!             packed[k][l] = b[k, jj + l]                    // all loads that vary with v alone
//!             for ii in ib.. step ROWS {
//!                 x[..] = sums[ii.., ..]                     // ROWS * COLUMNS accumulators in registers
//!                 for k in kk..kk + DEPTH { x[q][l] += a[ii + q, k] * packed[k][l] }
//!                 sums[ii.., ..] = x[..]
//!             }
//!         }
//!         what `post` says, of sums[..]
//!     }
//! }
//! ```
//!
//! For each pair of `u` and `v` the iterations of `r` stay in order, so that results are the same to the bit. Where rows or columns are left over, the
//! same code runs: rows are computed twice, and columns beyond the end have zeros in `packed` and `sums` and go nowhere. Small
//! nests, and those whose rows might overlap, run as they were.

mod areas;
mod condition;
mod tiles;

use super::Target;
use super::edit::Edit;
use super::nest::{Accumulator, Known, Nest, Refusal, mentions};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{LoopHints, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// The sizes of what is done at a time, and when it is worth it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// How many iterations of `r` are packed at a time.
    pub(super) depth: u64,
    /// How many rows have their accumulators in memory at a time.
    pub(super) block: u64,
    /// Nests with fewer iterations of `r` run as they were, where the loops around have vectors as they are: sums in elements.
    pub(super) least_depth: u64,
    /// Likewise where sums are in locals: without blocks each is computed by itself. Distances of points with two or three coordinates
    /// take 0.7 to 0.9 of the time in blocks.
    pub(super) least_sum: u64,
    /// Likewise with fewer pairs.
    pub(super) least_pairs: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            depth: 128,
            block: 192,
            least_depth: 8,
            least_sum: 2,
            least_pairs: 1024,
        }
    }
}

/// Everything is below this, so that nothing wraps.
const SMALL: u64 = 1 << 31;

/// The shape of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockShape {
    /// How many values of `u`.
    pub(super) rows: u64,
    /// How many vectors of values of `v`.
    pub(super) vectors: u64,
    /// How many values are in a vector.
    pub(super) lanes: u64,
}

impl BlockShape {
    /// For so many accumulators of this type.
    fn for_accumulators(target: &Target, ty: ScalarTy, count: usize) -> Option<BlockShape> {
        let lanes = u64::from(target.vector_bits / ty.bits());
        let (rows, vectors) = match (target.vector_registers >= 32, count) {
            // Twelve sums keep two units for multiplication and addition busy; more rows make more code and are no faster.
            (true, 1) => (4, 3),
            (true, 2) => (4, 3),
            (true, 3 | 4) => (3, 2),
            (false, 1) => (4, 2),
            (false, 2) => (2, 2),
            _ => return None,
        };
        (lanes >= 2).then_some(BlockShape {
            rows,
            vectors,
            lanes,
        })
    }

    fn columns(self) -> u64 {
        self.vectors * self.lanes
    }
}

/// How a load in the body is made.
#[derive(Clone, Copy)]
enum Operand {
    /// It varies with `v`: from the packed array of this number.
    Packed(usize),
    /// It does not: this many scalars for the rows.
    Scalar(usize),
}

/// What is needed to write the blocked nest.
struct Plan {
    nest: Nest,
    block: BlockShape,
    sizes: Sizes,
    /// The loads of the body: the first of each kind.
    loads: Vec<(ExprId, Operand)>,
    packed: Vec<(ExprId, LocalId)>,
    scalars: Vec<(ExprId, Vec<LocalId>)>,
    sums: Vec<LocalId>,
    registers: Vec<LocalId>,
}

/// The values that the variables of the nest have in a copy.
#[derive(Clone, Copy, Default)]
struct At {
    u: Option<LocalId>,
    /// A local, and what is added: another local and a number.
    v: Option<(LocalId, Option<(LocalId, u64)>)>,
    r: Option<LocalId>,
}

/// A statement that runs a nest in blocks where that is right and worth it, and as it was elsewhere.
pub(super) fn block(
    func: &mut Function,
    nest: Nest,
    original: Stmt,
    target: &Target,
    sizes: Sizes,
) -> Result<(Vec<Stmt>, BlockShape), Refusal> {
    let first = nest.accumulators.first().ok_or(Refusal::Form)?.ty();
    if first.bits() > 64 || first.bits() < 32 || nest.accumulators.iter().any(|a| a.ty() != first) {
        return Err(Refusal::Form);
    }
    let count = nest.accumulators.len();
    let block = BlockShape::for_accumulators(target, first, count).ok_or(Refusal::Form)?;
    let (loads, packed, scalars) = operands(func, &nest)?;
    for range in &nest.prefix_loops {
        let mut varies = false;
        for bound in [range.start, range.end] {
            mentions(func, &nest.lets, bound, &mut |local| {
                varies |= local == nest.u.var
            });
        }
        if varies {
            return Err(Refusal::Bounds);
        }
    }
    let span = original.span;
    let mut edit = Edit::new(func, span);
    let columns = block.columns();
    let array = |ty: &Ty, len: u64| Ty::Array {
        elem: Box::new(ty.clone()),
        len,
    };
    let sum_ty = Ty::Scalar(first);
    let packed = (packed.iter())
        .map(|&load| {
            let ty = array(edit.ty(load), sizes.depth * columns);
            (load, edit.temporary("packed", ty))
        })
        .collect();
    let scalars = (scalars.iter())
        .map(|&load| {
            let ty = edit.ty(load).clone();
            let rows = (0..block.rows).map(|_| edit.temporary("row", ty.clone()));
            (load, rows.collect())
        })
        .collect();
    let sums = (0..count).map(|_| edit.temporary("sums", array(&sum_ty, sizes.block * columns)));
    let sums = sums.collect();
    let registers =
        (0..count).map(|_| edit.temporary("block", array(&sum_ty, block.rows * columns)));
    let registers = registers.collect();
    let plan = Plan {
        nest,
        block,
        sizes,
        loads,
        packed,
        scalars,
        sums,
        registers,
    };
    let stmts = plan.write(&mut edit, original);
    Ok((stmts, block))
}

type Operands = (Vec<(ExprId, Operand)>, Vec<ExprId>, Vec<ExprId>);

/// Which loads the body makes, and how each is made. Equal loads are made once.
fn operands(func: &Function, nest: &Nest) -> Result<Operands, Refusal> {
    let mut loads = Vec::new();
    for stmt in &nest.body {
        if let StmtKind::Assign { value, .. } = &stmt.kind {
            collect_loads(func, nest, *value, false, &mut loads)?;
        }
    }
    // What names stand for is loaded where they are used.
    let mut operands = Vec::new();
    let (mut packed, mut scalars): (Vec<ExprId>, Vec<ExprId>) = (Vec::new(), Vec::new());
    let (mut uses_u, mut uses_v) = (false, false);
    for load in loads {
        let (mut u, mut v) = (false, false);
        mentions(func, &nest.lets, load, &mut |local| {
            u |= local == nest.u.var;
            v |= local == nest.v.var;
        });
        if u && v {
            return Err(Refusal::Index);
        }
        uses_u |= u;
        uses_v |= v;
        let list = if v { &mut packed } else { &mut scalars };
        let known = (list.iter()).position(|&other| same_expr(func, other, load));
        let number = known.unwrap_or_else(|| {
            list.push(load);
            list.len() - 1
        });
        let operand = if v {
            Operand::Packed(number)
        } else {
            Operand::Scalar(number)
        };
        operands.push((load, operand));
    }
    // Without loads that several rows and several columns share there is nothing to gain.
    if !uses_u || !uses_v || packed.len() > 2 || scalars.len() > 4 {
        return Err(Refusal::Form);
    }
    Ok((operands, packed, scalars))
}

fn collect_loads(
    func: &Function,
    nest: &Nest,
    id: ExprId,
    lazy: bool,
    loads: &mut Vec<ExprId>,
) -> Result<(), Refusal> {
    let expr = func.exprs.get(id).ok_or(Refusal::Form)?;
    match &expr.kind {
        ExprKind::Load(place) if place.projections.is_empty() => {
            if let Some(&value) = nest.lets.get(&place.local) {
                return collect_loads(func, nest, value, lazy, loads);
            }
            return Ok(());
        }
        ExprKind::Load(place) if is_element(nest, place) => return Ok(()),
        ExprKind::Load(place)
            if (place.projections.iter()).any(|step| matches!(step, Projection::Index { .. })) =>
        {
            if lazy {
                return Err(Refusal::Form);
            }
            loads.push(id);
            return Ok(());
        }
        _ => {}
    }
    let mut parts = Vec::new();
    expr.kind.for_each_operand(|operand| parts.push(operand));
    for (position, part) in parts.into_iter().enumerate() {
        let lazily = match &expr.kind {
            ExprKind::Select { .. } | ExprKind::ShortCircuit { .. } => position > 0,
            _ => false,
        };
        collect_loads(func, nest, part, lazy || lazily, loads)?;
    }
    Ok(())
}

/// Whether a place is an accumulator in memory.
fn is_element(nest: &Nest, place: &Place) -> bool {
    element_number(nest, place).is_some()
}

fn element_number(nest: &Nest, place: &Place) -> Option<usize> {
    nest.accumulators.iter().position(|accumulator| {
        matches!(accumulator, Accumulator::Element(slice, ..)
            if *slice == place.local
                && matches!(place.projections.as_slice(), [Projection::Index { index, .. }]
                    if nest.own.contains(index)))
    })
}

fn same_expr(func: &Function, a: ExprId, b: ExprId) -> bool {
    let (Some(first), Some(second)) = (func.exprs.get(a), func.exprs.get(b)) else {
        return false;
    };
    // Handles differ: compare with the operands blanked, then the operands.
    let mut kinds = [first.kind.clone(), second.kind.clone()];
    let mut operands = [Vec::new(), Vec::new()];
    for (kind, operands) in kinds.iter_mut().zip(&mut operands) {
        kind.for_each_operand_mut(|operand| {
            operands.push(*operand);
            *operand = ExprId::from_index(0);
        });
    }
    let [first_kind, second_kind] = kinds;
    let [first_operands, second_operands] = operands;
    first.ty == second.ty
        && first_kind == second_kind
        && first_operands.len() == second_operands.len()
        && (first_operands.into_iter().zip(second_operands)).all(|(a, b)| same_expr(func, a, b))
}

impl Plan {
    /// A copy of an expression in which the variables have other values.
    fn at(&self, edit: &mut Edit<'_>, id: ExprId, at: At) -> ExprId {
        edit.copy(id, &mut |edit, id| self.variable(edit, id, at))
    }

    fn variable(&self, edit: &mut Edit<'_>, id: ExprId, at: At) -> Option<ExprId> {
        let ExprKind::Load(place) = &edit.func.exprs[id].kind else {
            return None;
        };
        if !place.projections.is_empty() {
            return None;
        }
        let local = place.local;
        if let Some(&value) = self.nest.lets.get(&local) {
            return Some(self.at(edit, value, at));
        }
        let nest = &self.nest;
        if local == nest.u.var {
            return at.u.map(|u| edit.load(u));
        }
        if local == nest.r.var {
            return at.r.map(|r| edit.load(r));
        }
        if local != nest.v.var {
            return None;
        }
        let (base, lane) = at.v?;
        let base = edit.load(base);
        Some(match lane {
            None => base,
            Some((lane, offset)) => {
                let base = edit.add_const(base, offset);
                let lane = edit.load(lane);
                edit.add(base, lane)
            }
        })
    }

    fn place_at(&self, edit: &mut Edit<'_>, place: &Place, at: At) -> Place {
        let mut place = place.clone();
        for step in &mut place.projections {
            if let Projection::Index { index, .. } = step {
                *index = self.at(edit, *index, at);
            }
        }
        place
    }

    fn stmts_at(&self, edit: &mut Edit<'_>, stmts: &[Stmt], at: At) -> Vec<Stmt> {
        let mut copies = Vec::with_capacity(stmts.len());
        for stmt in stmts {
            if let StmtKind::Assign { place, value } = &stmt.kind {
                let value = self.at(edit, *value, at);
                let place = self.place_at(edit, place, at);
                if place.projections.is_empty() {
                    edit.func.locals[place.local].mutable = true;
                }
                copies.push(edit.assign(place, value));
            }
        }
        copies
    }

    fn write(&self, edit: &mut Edit<'_>, original: Stmt) -> Vec<Stmt> {
        let nest = &self.nest;
        let names = ["u0", "u1", "v0", "v1", "r0", "r1"];
        let [u0, u1, v0, v1, r0, r1] = names.map(|name| edit.temporary(name, Ty::USIZE));
        let mut stmts = Vec::new();
        let mut set = |edit: &mut Edit<'_>, local, bound, u: Option<LocalId>| {
            let at = At { u, ..At::default() };
            let value = self.at(edit, bound, at);
            stmts.push(edit.set(local, value));
        };
        set(edit, u0, nest.u.start, None);
        set(edit, u1, nest.u.end, None);
        set(edit, r0, nest.r.start, None);
        set(edit, r1, nest.r.end, None);
        let last = edit.temporary("last", Ty::USIZE);
        set(edit, v0, nest.v.start, Some(u0));
        let value = {
            let u1 = edit.load(u1);
            let one = edit.usize(1);
            edit.sub(u1, one)
        };
        let set_last = edit.set(last, value);
        let end_at = self.at(
            edit,
            nest.v.end,
            At {
                u: Some(last),
                ..At::default()
            },
        );
        let set_end = edit.set(v1, end_at);
        stmts.push(set_last);
        stmts.push(set_end);

        let ranges = [(u0, u1), (v0, v1), (r0, r1)];
        let cond = self.condition(edit, ranges);
        let blocked = self.blocked(edit, ranges);
        let choice = edit.if_then(cond, blocked, vec![original]);
        stmts.push(choice);
        stmts
    }
}

/// The part of the nest that is being computed.
#[derive(Clone, Copy)]
struct Area {
    ib: LocalId,
    ie: LocalId,
    jj: LocalId,
    jn: LocalId,
    kk: LocalId,
    k1: LocalId,
}

pub(super) fn load_known(edit: &mut Edit<'_>, known: &Known) -> ExprId {
    match known {
        Known::Load(place) => edit.load_place(place.clone()),
        Known::Len(place) => edit.expr(ExprKind::Len(place.clone()), Ty::USIZE),
    }
}

/// `a - b`.
fn distance(edit: &mut Edit<'_>, a: LocalId, b: LocalId) -> ExprId {
    let (a, b) = (edit.load(a), edit.load(b));
    edit.sub(a, b)
}

/// `(a - b) * factor`.
fn scaled_distance(edit: &mut Edit<'_>, a: LocalId, b: LocalId, factor: u64) -> ExprId {
    let distance = distance(edit, a, b);
    let factor = edit.usize(factor);
    edit.binary(BinaryOp::Mul, distance, factor)
}

/// `end = min(start + step, limit)`.
fn set_min(
    edit: &mut Edit<'_>,
    end: LocalId,
    (start, step): (LocalId, u64),
    limit: LocalId,
) -> Stmt {
    let start = edit.load(start);
    let start = edit.add_const(start, step);
    let limit = edit.load(limit);
    let value = edit.min(start, limit);
    edit.set(end, value)
}

fn step_loop(
    edit: &mut Edit<'_>,
    var: LocalId,
    (start, end): (LocalId, LocalId),
    step: u64,
    body: Vec<Stmt>,
) -> Stmt {
    let (start, end) = (edit.load(start), edit.load(end));
    edit.for_loop(var, (start, end, step), LoopHints::default(), body)
}
