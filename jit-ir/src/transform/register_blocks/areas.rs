//! The loops around the blocks: what comes before and after the sums, and packing.

use super::super::edit::Edit;
use super::super::nest::{Accumulator, Shape};
use super::{Area, At, Plan, distance, scaled_distance, set_min, step_loop};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::stmt::{LoopHints, Stmt, StmtKind};
use crate::ty::Ty;

impl Plan {
    pub(super) fn blocked(
        &self,
        edit: &mut Edit<'_>,
        ranges: [(LocalId, LocalId); 3],
    ) -> Vec<Stmt> {
        let [(u0, u1), (v0, v1), (r0, r1)] = ranges;
        let columns = self.block.columns();
        let mut stmts = Vec::new();
        let packed = self.packed.iter().map(|(_, packed)| packed);
        for &array in packed.chain(&self.sums).chain(&self.registers) {
            // Lanes of columns that there are not are computed, too, from what earlier columns have left or from this, and are stored nowhere.
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
    pub(super) fn prefix(&self, edit: &mut Edit<'_>, u0: LocalId, u1: LocalId) -> Vec<Stmt> {
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
    pub(super) fn skip_empty_rows(
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
    pub(super) fn pack(&self, edit: &mut Edit<'_>, area: Area) -> Vec<Stmt> {
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
        let all = vec![edit.for_loop(j, (start, end, 1), LoopHints::default(), body)];
        let (start, end) = (edit.load(area.kk), edit.load(area.k1));
        vec![edit.for_loop(k, (start, end, 1), LoopHints::default(), all)]
    }

    /// What comes before (`pre`, and the sums get their first values) or after the iterations of `r`, for all pairs.
    pub(super) fn pairs(&self, edit: &mut Edit<'_>, area: Area, before: bool) -> Stmt {
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
        let (start, end) = (edit.load(area.ib), edit.load(area.ie));
        edit.for_loop(i, (start, end, 1), LoopHints::default(), vec![pairs])
    }
}
