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

use std::collections::HashMap;

use super::Target;
use super::edit::Edit;
use super::nest::{Accumulator, Column, Counted, Known, Nest, Refusal, Shape, mentions};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
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
    /// Nests with fewer iterations of `r` run as they were.
    pub(super) least_depth: u64,
    /// Likewise with fewer pairs.
    pub(super) least_pairs: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            depth: 128,
            block: 192,
            least_depth: 8,
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
            (true, 1) => (8, 3),
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
            if *slice == place.local && !place.projections.is_empty())
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

    /// Whether the blocks are right and worth it.
    fn condition(&self, edit: &mut Edit<'_>, ranges: [(LocalId, LocalId); 3]) -> ExprId {
        let nest = &self.nest;
        let mut all = Vec::new();
        let below = |edit: &mut Edit<'_>, value: ExprId, limit: u64| {
            let limit = edit.usize(limit);
            edit.binary(BinaryOp::Lt, value, limit)
        };
        for (start, end) in ranges {
            let (start, end) = (edit.load(start), edit.load(end));
            all.push(edit.binary(BinaryOp::Lt, start, end));
        }
        for (_, end) in ranges {
            let end = edit.load(end);
            all.push(below(edit, end, SMALL));
        }
        for range in &nest.prefix_loops {
            for bound in [range.start, range.end] {
                let bound = self.at(edit, bound, At::default());
                all.push(below(edit, bound, SMALL));
            }
        }
        for known in &nest.small {
            let value = load_known(edit, known);
            all.push(below(edit, value, SMALL));
        }
        let [u, v, r] = ranges.map(|(start, end)| {
            let (start, end) = (edit.load(start), edit.load(end));
            edit.sub(end, start)
        });
        let at_least = |edit: &mut Edit<'_>, value: ExprId, least: u64| {
            let least = edit.usize(least);
            edit.binary(BinaryOp::Ge, value, least)
        };
        let pairs = edit.binary(BinaryOp::Mul, u, v);
        all.push(at_least(edit, pairs, self.sizes.least_pairs));
        all.push(at_least(edit, r, self.sizes.least_depth));
        let [u, v, _] = ranges.map(|(start, end)| {
            let (start, end) = (edit.load(start), edit.load(end));
            edit.sub(end, start)
        });
        all.push(at_least(edit, u, self.block.rows));
        all.push(at_least(edit, v, self.block.columns() / 2));
        for window in &nest.windows {
            let (number, values) = &window.length;
            let mut length = edit.usize(*number);
            for known in values {
                let value = load_known(edit, known);
                all.push(below(edit, value, SMALL));
                let value = load_known(edit, known);
                length = edit.binary(BinaryOp::Mul, length, value);
            }
            let limit = edit.usize(SMALL);
            let length_again = edit.copy(length, &mut |_, _| None);
            all.push(edit.binary(BinaryOp::Lt, length_again, limit));
            let bias = window.columns.iter().map(|(_, offset)| -offset).max();
            let bias = bias.unwrap_or(0).max(0);
            let (mut least, mut most): (Option<ExprId>, Option<ExprId>) = (None, None);
            for (column, offset) in &window.columns {
                // Offsets of indices that matter are small; a larger one makes the condition false.
                let shift = u64::try_from(offset + bias).unwrap_or(u64::MAX);
                if shift >= SMALL {
                    let never = ConstValue::Bool(false);
                    all.push(edit.expr(ExprKind::Const(never), Ty::BOOL));
                    continue;
                }
                let (start, end) = self.column_range(edit, column, ranges, &mut all);
                let start = edit.add_const(start, shift);
                let end = edit.add_const(end, shift);
                least = Some(match least {
                    Some(least) => edit.min(least, start),
                    None => start,
                });
                most = Some(match most {
                    Some(most) => edit.max(most, end),
                    None => end,
                });
            }
            if let (Some(least), Some(most)) = (least, most) {
                let width = edit.sub(most, least);
                all.push(edit.binary(BinaryOp::Le, width, length));
            }
        }
        edit.all(all)
    }

    /// The least value of a column, and the greatest plus one.
    fn column_range(
        &self,
        edit: &mut Edit<'_>,
        column: &Column,
        ranges: [(LocalId, LocalId); 3],
        all: &mut Vec<ExprId>,
    ) -> (ExprId, ExprId) {
        let nest = &self.nest;
        match column {
            Column::Nothing => (edit.usize(0), edit.usize(1)),
            Column::Fixed(place) => {
                let limit = edit.usize(SMALL);
                let value = edit.load_place(place.clone());
                all.push(edit.binary(BinaryOp::Lt, value, limit));
                let start = edit.load_place(place.clone());
                let end = edit.load_place(place.clone());
                (start, edit.add_const(end, 1))
            }
            Column::Var(var) => {
                let own = [nest.u, nest.v, nest.r];
                match own.iter().position(|range| range.var == *var) {
                    Some(number) => {
                        let (start, end) = ranges[number];
                        (edit.load(start), edit.load(end))
                    }
                    None => {
                        let row = nest.prefix_loops.iter().find(|range| range.var == *var);
                        let Counted { start, end, .. } = row.copied().unwrap_or(nest.u);
                        let start = self.at(edit, start, At::default());
                        let end = self.at(edit, end, At::default());
                        (start, end)
                    }
                }
            }
        }
    }

    fn blocked(&self, edit: &mut Edit<'_>, ranges: [(LocalId, LocalId); 3]) -> Vec<Stmt> {
        let [(u0, u1), (v0, v1), (r0, r1)] = ranges;
        let columns = self.block.columns();
        let mut stmts = Vec::new();
        let packed = self.packed.iter().map(|(_, packed)| packed);
        for &array in packed.chain(&self.sums).chain(&self.registers) {
            // Each element gets a value before it is looked at.
            let ty = edit.func.locals[array].ty.clone();
            let nothing = edit.expr(ExprKind::Zeroed, ty);
            stmts.push(edit.set(array, nothing));
        }
        stmts.extend(self.prefix(edit, u0, u1));
        stmts.extend(self.skip_empty_rows(edit, ranges));

        let (ib, jj, kk) = (edit.counter("ib"), edit.counter("jj"), edit.counter("kk"));
        let (ie, jn, k1) = (
            edit.temporary("ie", Ty::USIZE),
            edit.temporary("jn", Ty::USIZE),
            edit.temporary("k1", Ty::USIZE),
        );
        let area = Area {
            ib,
            ie,
            jj,
            jn,
            kk,
            k1,
        };
        // for kk
        let mut depth_body = vec![set_min(edit, k1, (kk, self.sizes.depth), r1)];
        depth_body.extend(self.pack(edit, area));
        depth_body.push(self.tiles(edit, area));
        let depth_loop = step_loop(edit, kk, (r0, r1), self.sizes.depth, depth_body);
        // for jj
        let mut column_body = vec![set_min(edit, jn, (jj, columns), v1)];
        column_body.push(self.pairs(edit, area, true));
        column_body.push(depth_loop);
        column_body.push(self.pairs(edit, area, false));
        let column_loop = step_loop(edit, jj, (v0, v1), columns, column_body);
        // for ib
        let row_body = vec![set_min(edit, ie, (ib, self.sizes.block), u1), column_loop];
        stmts.push(step_loop(edit, ib, (u0, u1), self.sizes.block, row_body));
        stmts
    }

    /// What each row does before its pairs, for all rows.
    fn prefix(&self, edit: &mut Edit<'_>, u0: LocalId, u1: LocalId) -> Vec<Stmt> {
        let nest = &self.nest;
        if nest.prefix.is_empty() {
            return Vec::new();
        }
        let i = edit.counter("i");
        let at = At {
            u: Some(i),
            ..At::default()
        };
        let mut body = Vec::new();
        for stmt in &nest.prefix {
            if let StmtKind::For(row) = &stmt.kind {
                let start = self.at(edit, row.start, at);
                let end = self.at(edit, row.end, at);
                let var = edit.counter("w");
                let mut inner = Vec::new();
                for stmt in &row.body.stmts {
                    if let StmtKind::Assign { place, value } = &stmt.kind {
                        let mut rename = |edit: &mut Edit<'_>, id: ExprId| {
                            let kind = &edit.func.exprs[id].kind;
                            let own = matches!(kind, ExprKind::Load(place)
                                if place.projections.is_empty() && place.local == row.var);
                            if own {
                                return Some(edit.load(var));
                            }
                            self.variable(edit, id, at)
                        };
                        let value = edit.copy(*value, &mut rename);
                        let mut place = place.clone();
                        for step in &mut place.projections {
                            if let Projection::Index { index, .. } = step {
                                *index = edit.copy(*index, &mut rename);
                            }
                        }
                        inner.push(edit.assign(place, value));
                    }
                }
                body.push(edit.for_loop(var, (start, end, 1), LoopHints::default(), inner));
            } else {
                body.extend(self.stmts_at(edit, std::slice::from_ref(stmt), at));
            }
        }
        let (start, end) = (edit.load(u0), edit.load(u1));
        vec![edit.for_loop(i, (start, end, 1), LoopHints::default(), body)]
    }

    /// Rows without pairs are at one end of a triangle: what they would load may not be there.
    fn skip_empty_rows(
        &self,
        edit: &mut Edit<'_>,
        [(u0, u1), (v0, v1), _]: [(LocalId, LocalId); 3],
    ) -> Vec<Stmt> {
        let nest = &self.nest;
        let row = edit.temporary("edge", Ty::USIZE);
        let at = At {
            u: Some(row),
            ..At::default()
        };
        let (more, empty, step) = match nest.shape {
            Shape::Rectangle => return Vec::new(),
            Shape::FromDiagonal => {
                let last = edit.load(u1);
                let one = edit.usize(1);
                let last = edit.sub(last, one);
                let step = edit.set(u1, last);
                let start = self.at(edit, nest.v.start, at);
                let end = edit.load(v1);
                let empty = edit.binary(BinaryOp::Ge, start, end);
                let last = edit.load(u1);
                let one = edit.usize(1);
                let last = edit.sub(last, one);
                (edit.set(row, last), empty, step)
            }
            Shape::ToDiagonal => {
                let first = edit.load(u0);
                let next = edit.add_const(first, 1);
                let step = edit.set(u0, next);
                let end = self.at(edit, nest.v.end, at);
                let start = edit.load(v0);
                let empty = edit.binary(BinaryOp::Le, end, start);
                let first = edit.load(u0);
                (edit.set(row, first), empty, step)
            }
        };
        // There is a row that is not empty: the range of `v` is that of all rows.
        let again = Stmt {
            kind: more.kind.clone(),
            span: more.span,
        };
        let again = match again.kind {
            StmtKind::Assign { place, value } => {
                let value = edit.copy(value, &mut |_, _| None);
                edit.assign(place, value)
            }
            _ => return Vec::new(),
        };
        let label = edit.label();
        let body = crate::stmt::Block {
            stmts: vec![step, again],
        };
        let skip = edit.stmt(StmtKind::While {
            label,
            cond: empty,
            body,
        });
        vec![more, skip]
    }

    /// `packed[(k - kk) * COLUMNS + (j - jj)] = load`.
    fn pack(&self, edit: &mut Edit<'_>, area: Area) -> Vec<Stmt> {
        let columns = self.block.columns();
        let k = edit.counter("k");
        let j = edit.counter("j");
        let mut body = Vec::new();
        for &(load, packed) in &self.packed {
            let at = At {
                u: None,
                v: Some((j, None)),
                r: Some(k),
            };
            let value = self.at(edit, load, at);
            let row = scaled_distance(edit, k, area.kk, columns);
            let column = distance(edit, j, area.jj);
            let index = edit.add(row, column);
            body.push(edit.assign(Place::local(packed).index(index, None), value));
        }
        let (start, end) = (edit.load(area.jj), edit.load(area.jn));
        let mut all = vec![edit.for_loop(j, (start, end, 1), LoopHints::default(), body)];
        let arrays: Vec<_> = self
            .packed
            .iter()
            .map(|&(load, packed)| (packed, load))
            .collect();
        all.push(self.fill(edit, area, &arrays, (k, area.kk)));
        let (start, end) = (edit.load(area.kk), edit.load(area.k1));
        vec![edit.for_loop(k, (start, end, 1), LoopHints::default(), all)]
    }

    /// Zeros in the columns beyond the end, in the row of `var`. Each array has elements of the type of its expression.
    fn fill(
        &self,
        edit: &mut Edit<'_>,
        area: Area,
        arrays: &[(LocalId, ExprId)],
        (var, first): (LocalId, LocalId),
    ) -> Stmt {
        let columns = self.block.columns();
        let l = edit.counter("l");
        let mut body = Vec::new();
        for &(array, like) in arrays {
            let ty = edit.ty(like).clone();
            body.push(self.zero(edit, array, ty, (var, first), l));
        }
        let (start, end) = (distance(edit, area.jn, area.jj), edit.usize(columns));
        edit.for_loop(l, (start, end, 1), LoopHints::default(), body)
    }

    fn zero(
        &self,
        edit: &mut Edit<'_>,
        array: LocalId,
        ty: Ty,
        (var, first): (LocalId, LocalId),
        l: LocalId,
    ) -> Stmt {
        let zero = match ty.as_scalar() {
            Some(ScalarTy::Bool) => ConstValue::Bool(false),
            Some(ScalarTy::F32) => ConstValue::F32(0),
            Some(ScalarTy::F64) => ConstValue::F64(0),
            _ => ConstValue::Int(0),
        };
        let zero = edit.expr(ExprKind::Const(zero), ty);
        let row = scaled_distance(edit, var, first, self.block.columns());
        let l = edit.load(l);
        let index = edit.add(row, l);
        edit.assign(Place::local(array).index(index, None), zero)
    }

    /// What comes before (`pre`, and the sums get their first values) or after the iterations of `r`, for all pairs.
    fn pairs(&self, edit: &mut Edit<'_>, area: Area, before: bool) -> Stmt {
        let nest = &self.nest;
        let columns = self.block.columns();
        let (i, j) = (edit.counter("i"), edit.counter("j"));
        let at = At {
            u: Some(i),
            v: Some((j, None)),
            r: None,
        };
        let mut body = Vec::new();
        if before {
            body.extend(self.stmts_at(edit, &nest.pre, at));
        }
        for (accumulator, &sums) in nest.accumulators.iter().zip(&self.sums) {
            let own = match accumulator {
                Accumulator::Local(local, _) => Place::local(*local),
                Accumulator::Element(slice, index, _) => {
                    let index = self.at(edit, *index, at);
                    Place::local(*slice).index(index, None)
                }
            };
            let row = scaled_distance(edit, i, area.ib, columns);
            let column = distance(edit, j, area.jj);
            let index = edit.add(row, column);
            let sum = Place::local(sums).index(index, None);
            let (to, from) = if before { (sum, own) } else { (own, sum) };
            let from = edit.load_place(from);
            body.push(edit.assign(to, from));
        }
        if !before {
            body.extend(self.stmts_at(edit, &nest.post, at));
        }
        let row_at = At {
            u: Some(i),
            ..At::default()
        };
        let mut start = edit.load(area.jj);
        let mut end = edit.load(area.jn);
        match nest.shape {
            Shape::Rectangle => {}
            Shape::FromDiagonal => {
                let own = self.at(edit, nest.v.start, row_at);
                start = edit.max(start, own);
            }
            Shape::ToDiagonal => {
                let own = self.at(edit, nest.v.end, row_at);
                end = edit.min(end, own);
            }
        }
        let pairs = edit.for_loop(j, (start, end, 1), LoopHints::default(), body);
        let mut row = Vec::new();
        if before {
            let l = edit.counter("l");
            let mut zeros = Vec::new();
            for (accumulator, &sums) in nest.accumulators.iter().zip(&self.sums) {
                let ty = Ty::Scalar(accumulator.ty());
                zeros.push(self.zero(edit, sums, ty, (i, area.ib), l));
            }
            let start = match nest.shape {
                Shape::Rectangle => distance(edit, area.jn, area.jj),
                Shape::FromDiagonal | Shape::ToDiagonal => edit.usize(0),
            };
            let end = edit.usize(columns);
            row.push(edit.for_loop(l, (start, end, 1), LoopHints::default(), zeros));
        }
        row.push(pairs);
        let (start, end) = (edit.load(area.ib), edit.load(area.ie));
        edit.for_loop(i, (start, end, 1), LoopHints::default(), row)
    }

    /// The blocks of an area, each through the packed iterations of `r`.
    fn tiles(&self, edit: &mut Edit<'_>, area: Area) -> Stmt {
        let nest = &self.nest;
        let BlockShape { rows, lanes, .. } = self.block;
        let lanes = lanes as u32;
        let ii = edit.counter("ii");
        let mut body = Vec::new();
        let row_locals: Vec<LocalId> = (0..rows).map(|_| edit.temporary("i", Ty::USIZE)).collect();
        for (number, &row) in row_locals.iter().enumerate() {
            let value = edit.load(ii);
            let value = edit.add_const(value, number as u64);
            let end = edit.load(area.ie);
            let one = edit.usize(1);
            let last = edit.sub(end, one);
            let value = edit.min(value, last);
            body.push(edit.set(row, value));
        }
        let k = edit.counter("k");
        let mut inner = Vec::new();
        for (load, scalars) in &self.scalars {
            for (&scalar, &row) in scalars.iter().zip(&row_locals) {
                let at = At {
                    u: Some(row),
                    v: None,
                    r: Some(k),
                };
                let value = self.at(edit, *load, at);
                inner.push(edit.set(scalar, value));
            }
        }
        let l = edit.counter("l");
        let update = self.update(edit, area, (k, l), &row_locals);
        inner.push(edit.lanes_loop(l, lanes, update));
        let (start, end) = (edit.load(area.kk), edit.load(area.k1));
        let depth = edit.for_loop(k, (start, end, 1), LoopHints::default(), inner);

        let mut block = vec![self.transfer(edit, area, &row_locals, true)];
        block.push(depth);
        block.push(self.transfer(edit, area, &row_locals, false));
        // A block beside the triangle has nothing to do.
        let at = |row: LocalId| At {
            u: Some(row),
            ..At::default()
        };
        let inside = match nest.shape {
            Shape::Rectangle => None,
            Shape::FromDiagonal => {
                let start = self.at(edit, nest.v.start, at(row_locals[0]));
                let end = edit.load(area.jn);
                Some(edit.binary(BinaryOp::Lt, start, end))
            }
            Shape::ToDiagonal => {
                let last = row_locals[row_locals.len() - 1];
                let end = self.at(edit, nest.v.end, at(last));
                let start = edit.load(area.jj);
                Some(edit.binary(BinaryOp::Gt, end, start))
            }
        };
        match inside {
            None => body.extend(block),
            Some(inside) => body.push(edit.if_then(inside, block, Vec::new())),
        }
        step_loop(edit, ii, (area.ib, area.ie), rows, body)
    }

    /// Between the sums in memory and the registers.
    fn transfer(&self, edit: &mut Edit<'_>, area: Area, rows: &[LocalId], load: bool) -> Stmt {
        let BlockShape { vectors, lanes, .. } = self.block;
        let columns = self.block.columns();
        let l = edit.counter("l");
        let mut body = Vec::new();
        for (&sums, &registers) in self.sums.iter().zip(&self.registers) {
            for (number, &row) in rows.iter().enumerate() {
                for vector in 0..vectors {
                    let index = scaled_distance(edit, row, area.ib, columns);
                    let index = edit.add_const(index, vector * lanes);
                    let lane = edit.load(l);
                    let index = edit.add(index, lane);
                    let sum = Place::local(sums).index(index, None);
                    let register = self.register(edit, registers, (number as u64, vector), l);
                    let (to, from) = if load {
                        (register, sum)
                    } else {
                        (sum, register)
                    };
                    let from = edit.load_place(from);
                    body.push(edit.assign(to, from));
                }
            }
        }
        edit.lanes_loop(l, lanes as u32, body)
    }

    fn register(
        &self,
        edit: &mut Edit<'_>,
        registers: LocalId,
        (row, vector): (u64, u64),
        l: LocalId,
    ) -> Place {
        let BlockShape { vectors, lanes, .. } = self.block;
        let lane = edit.load(l);
        let index = edit.add_const(lane, (row * vectors + vector) * lanes);
        Place::local(registers).index(index, None)
    }

    /// The body of `r` for all lanes, all vectors, all rows.
    fn update(
        &self,
        edit: &mut Edit<'_>,
        area: Area,
        (k, l): (LocalId, LocalId),
        rows: &[LocalId],
    ) -> Vec<Stmt> {
        let nest = &self.nest;
        let BlockShape { vectors, lanes, .. } = self.block;
        let columns = self.block.columns();
        let locals: HashMap<LocalId, usize> = (nest.accumulators.iter().enumerate())
            .filter_map(|(number, accumulator)| match accumulator {
                Accumulator::Local(local, _) => Some((*local, number)),
                Accumulator::Element(..) => None,
            })
            .collect();
        let mut stmts = Vec::new();
        for vector in 0..vectors {
            for (row_number, &row) in rows.iter().enumerate() {
                let cell = (row_number as u64, vector);
                let at = At {
                    u: Some(row),
                    v: Some((area.jj, Some((l, vector * lanes)))),
                    r: Some(k),
                };
                for stmt in &nest.body {
                    let StmtKind::Assign { place, value } = &stmt.kind else {
                        continue;
                    };
                    let accumulator = |place: &Place| match place.projections.is_empty() {
                        true => locals.get(&place.local).copied(),
                        false => element_number(nest, place),
                    };
                    let value = edit.copy(*value, &mut |edit, id| {
                        self.operand(
                            edit,
                            id,
                            at,
                            &mut |edit, place| {
                                let number = accumulator(place)?;
                                let place = self.register(edit, self.registers[number], cell, l);
                                Some(edit.load_place(place))
                            },
                            &mut |edit, operand| match operand {
                                Operand::Scalar(number) => {
                                    edit.load(self.scalars[number].1[row_number])
                                }
                                Operand::Packed(number) => {
                                    let index = scaled_distance(edit, k, area.kk, columns);
                                    let index = edit.add_const(index, vector * lanes);
                                    let lane = edit.load(l);
                                    let index = edit.add(index, lane);
                                    let packed = self.packed[number].1;
                                    edit.load_place(Place::local(packed).index(index, None))
                                }
                            },
                        )
                    });
                    let to = match accumulator(place) {
                        Some(number) => self.register(edit, self.registers[number], cell, l),
                        None => {
                            edit.func.locals[place.local].mutable = true;
                            place.clone()
                        }
                    };
                    stmts.push(edit.assign(to, value));
                }
            }
        }
        stmts
    }

    /// What a load of the body becomes.
    fn operand(
        &self,
        edit: &mut Edit<'_>,
        id: ExprId,
        at: At,
        register: &mut dyn FnMut(&mut Edit<'_>, &Place) -> Option<ExprId>,
        load: &mut dyn FnMut(&mut Edit<'_>, Operand) -> ExprId,
    ) -> Option<ExprId> {
        if let Some((_, operand)) = self.loads.iter().find(|(known, _)| *known == id) {
            return Some(load(edit, *operand));
        }
        let ExprKind::Load(place) = edit.func.exprs[id].kind.clone() else {
            return None;
        };
        if let Some(value) = register(edit, &place) {
            return Some(value);
        }
        if let Some(&value) = self.nest.lets.get(&place.local)
            && place.projections.is_empty()
        {
            // A name for something with loads in it.
            return Some(edit.copy(value, &mut |edit, id| {
                self.operand(edit, id, at, register, load)
            }));
        }
        self.variable(edit, id, at)
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

fn load_known(edit: &mut Edit<'_>, known: &Known) -> ExprId {
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
