//! The blocks: sums in registers, all rows and vectors of one written out.

use std::collections::HashMap;

use super::super::edit::Edit;
use super::super::nest::{Accumulator, Shape};
use super::{Area, At, BlockShape, Operand, Plan, element_number, scaled_distance, step_loop};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::func::LocalId;
use crate::stmt::{LoopHints, Stmt, StmtKind};
use crate::ty::Ty;

impl Plan {
    /// The blocks of an area, each through the packed iterations of `r`.
    pub(super) fn tiles(&self, edit: &mut Edit<'_>, area: Area) -> Stmt {
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
    pub(super) fn transfer(
        &self,
        edit: &mut Edit<'_>,
        area: Area,
        rows: &[LocalId],
        load: bool,
    ) -> Stmt {
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

    pub(super) fn register(
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
    pub(super) fn update(
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
    pub(super) fn operand(
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
