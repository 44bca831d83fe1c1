//! Whether blocks are right and worth it: what is known only at run time.

use super::super::edit::Edit;
use super::super::nest::{Accumulator, Column, Counted};
use super::{At, Plan, SMALL, load_known};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::LocalId;
use crate::ty::Ty;

impl Plan {
    /// Whether the blocks are right and worth it.
    pub(super) fn condition(&self, edit: &mut Edit<'_>, ranges: [(LocalId, LocalId); 3]) -> ExprId {
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
        let in_locals = (nest.accumulators.iter())
            .all(|accumulator| matches!(accumulator, Accumulator::Local(..)));
        let depth = match in_locals {
            true => self.sizes.least_sum,
            false => self.sizes.least_depth,
        };
        all.push(at_least(edit, r, depth));
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
    pub(super) fn column_range(
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
}
