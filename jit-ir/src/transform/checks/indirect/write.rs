//! The statements that take a loop's place.

use super::{BLOCK, BLOCK_OF_ROWS, LEAST, LEAST_ROWS, Look, MOST_ROWS, Plan, Rows};
use crate::expr::{BinaryOp, ConstValue, ExprKind, UnaryOp};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::transform::checks::make_cold;
use crate::transform::edit::Edit;
use crate::transform::guard::division_site;
use crate::ty::Ty;

impl Plan {
    /// The statements that take the loop's place.
    pub(in crate::transform::checks) fn write(
        self,
        func: &mut Function,
        labels: &mut u32,
    ) -> Vec<Stmt> {
        let mut edit = Edit::with_labels(func, self.span, *labels);
        let stmts = self.write_with(&mut edit);
        *labels = edit.next_label();
        stmts
    }

    fn write_with(self, edit: &mut Edit<'_>) -> Vec<Stmt> {
        let Plan {
            fast,
            mut cold,
            start,
            end,
            first,
            behind,
            conditions,
            look,
            rows,
            ..
        } = self;
        let size = edit.temporary("size", Ty::USIZE);
        let [usable, good] = ["usable", "good"].map(|name| edit.temporary(name, Ty::BOOL));
        let truth = |edit: &mut Edit<'_>, value| {
            edit.expr(ExprKind::Const(ConstValue::Bool(value)), Ty::BOOL)
        };
        let mut out = vec![edit.set(start, cold.start), edit.set(end, cold.end)];
        let all = edit.usize(u64::MAX);
        out.push(edit.set(size, all));
        let no = truth(edit, false);
        out.push(edit.set(usable, no));

        // Whether blocks are worth it and may be looked at.
        let count = |edit: &mut Edit<'_>| {
            let (start, end) = (edit.load(start), edit.load(end));
            edit.sub(end, start)
        };
        let (a, b) = (edit.load(start), edit.load(end));
        let some = edit.binary(BinaryOp::Lt, a, b);
        let least = edit.usize(match rows {
            Some(_) => LEAST_ROWS,
            None => LEAST,
        });
        let number = count(edit);
        let enough = edit.binary(BinaryOp::Ge, number, least);
        let mut wanted = vec![some, enough];
        wanted.extend(conditions);
        let wanted = edit.all(wanted);
        let yes = truth(edit, true);
        let mut then = vec![edit.set(usable, yes)];
        for &array in &look.kept {
            let ty = edit.func.locals[array].ty.clone();
            let nothing = edit.expr(ExprKind::Zeroed, ty);
            then.push(edit.set(array, nothing));
        }
        match &rows {
            None => {
                let block = edit.usize(BLOCK);
                then.push(edit.set(size, block));
            }
            Some(Rows {
                all: Some((from, to)),
                ..
            }) => {
                // About as many rows as have so many iterations.
                let number = edit.sub(*to, *from);
                let one = edit.usize(1);
                let number = edit.max(number, one);
                let (rows, each) = (count(edit), edit.usize(BLOCK_OF_ROWS));
                let lhs = edit.binary(BinaryOp::Mul, rows, each);
                let site = Some(division_site(edit.func, self.span));
                let op = BinaryOp::Div;
                let kind = ExprKind::Binary {
                    op,
                    lhs,
                    rhs: number,
                    site,
                };
                let number = edit.expr(kind, Ty::USIZE);
                let (least, most) = (edit.usize(1), edit.usize(MOST_ROWS));
                let number = edit.max(number, least);
                let number = edit.min(number, most);
                then.push(edit.set(size, number));
            }
            Some(Rows { all: None, .. }) => {}
        }
        out.push(edit.if_then(wanted, then, Vec::new()));

        let from = edit.load(start);
        out.push(edit.set(first, from));
        let mut each = Vec::new();
        let (a, b) = (edit.load(end), edit.load(first));
        let rest = edit.sub(a, b);
        let most = edit.load(size);
        let length = edit.min(rest, most);
        let from = edit.load(first);
        let to = edit.add(from, length);
        each.push(edit.set(behind, to));
        let no = truth(edit, false);
        each.push(edit.set(good, no));

        // Whether the indices of this block are in bounds.
        let mut inspect = inspection(edit, &look.greatest, look.each);
        let fits = edit.all(look.tests);
        inspect.push(edit.set(good, fits));
        let is_nest = rows.is_some();
        if let Some(rows) = rows {
            inspect = rows.write(edit, (first, behind), inspect);
        }
        let is_usable = edit.load(usable);
        each.push(edit.if_then(is_usable, inspect, Vec::new()));

        let is_good = edit.load(good);
        cold.start = edit.load(first);
        cold.end = edit.load(behind);
        make_cold(&mut cold);
        let fast = match is_nest {
            true => count_rows(edit, fast, (first, behind)),
            false => vec![edit.stmt(StmtKind::For(fast))],
        };
        let cold = edit.stmt(StmtKind::For(cold));
        each.push(edit.if_then(is_good, fast, vec![cold]));
        // A block that is not good mostly traps. And LLVM shall not make a second loop for what does not change.
        let so_far = edit.load(good);
        each.push(edit.set(usable, so_far));
        let next = edit.load(behind);
        each.push(edit.set(first, next));
        let (a, b) = (edit.load(first), edit.load(end));
        let cond = edit.binary(BinaryOp::Lt, a, b);
        let label = edit.label();
        let body = Block { stmts: each };
        out.push(hidden(StmtKind::While { label, cond, body }));
        out
    }

    /// Whether the blocks are of a loop without loops in it.
    pub(in crate::transform) fn is_plain(&self) -> bool {
        self.rows.is_none()
    }

    /// The locals that an iteration of [`Plan::write_block`] assigns before it uses them.
    pub(in crate::transform) fn own(&self) -> Vec<LocalId> {
        let Look {
            each,
            greatest,
            kept,
            ..
        } = &self.look;
        let mut own = vec![self.first, self.behind];
        own.extend(greatest.iter().chain(kept));
        each.body.for_each_stmt(|stmt| {
            own.extend(stmt.kind.place().map(|place| place.local));
        });
        own
    }

    /// The statements for one block of a plain loop, whose bounds are set: without checks if all indices are in bounds, otherwise what is in `cold`. For who makes a
    /// loop over blocks of [`BLOCK`] iterations himself, and runs it only if the conditions hold.
    pub(in crate::transform) fn write_block(
        self,
        edit: &mut Edit<'_>,
        mut cold: Loop,
    ) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for &array in &self.look.kept {
            let ty = edit.func.locals[array].ty.clone();
            let nothing = edit.expr(ExprKind::Zeroed, ty);
            stmts.push(edit.set(array, nothing));
        }
        stmts.extend(inspection(edit, &self.look.greatest, self.look.each));
        cold.start = edit.load(self.first);
        cold.end = edit.load(self.behind);
        make_cold(&mut cold);
        let fits = edit.all(self.look.tests);
        let fast = edit.stmt(StmtKind::For(self.fast));
        let cold = edit.stmt(StmtKind::For(cold));
        stmts.push(edit.if_then(fits, vec![fast], vec![cold]));
        stmts
    }
}

/// Finds the greatest numbers of a block.
fn inspection(edit: &mut Edit<'_>, greatest: &[LocalId], each: Loop) -> Vec<Stmt> {
    let mut stmts = Vec::new();
    for &local in greatest {
        let ty = edit.func.locals[local].ty.clone();
        let zero = edit.expr(ExprKind::Const(ConstValue::Int(0)), ty);
        stmts.push(edit.set(local, zero));
    }
    stmts.push(hidden(StmtKind::For(each)));
    stmts
}

/// A loop that is none of the user's, and does not count as a version of one.
fn hidden(kind: StmtKind) -> Stmt {
    let span = Span::UNKNOWN;
    Stmt { kind, span }
}

/// The loop over the rows of a block, which has at least one. That it has one is written down, as LLVM would not see it: it unrolls only loops whose
/// number of iterations is quick to compute.
fn count_rows(edit: &mut Edit<'_>, fast: Loop, (first, behind): (LocalId, LocalId)) -> Vec<Stmt> {
    let Loop {
        var, label, body, ..
    } = fast;
    edit.func.locals[var].mutable = true;
    let from = edit.load(first);
    let before = edit.set(var, from);
    let mut stmts = body.stmts;
    let next = edit.load(var);
    let next = edit.add_const(next, 1);
    stmts.push(edit.set(var, next));
    let (a, b) = (edit.load(var), edit.load(behind));
    let done = edit.binary(BinaryOp::Eq, a, b);
    let leave = edit.stmt(StmtKind::Break(label));
    stmts.push(edit.if_then(done, vec![leave], Vec::new()));
    let body = Block { stmts };
    vec![before, edit.stmt(StmtKind::Forever { label, body })]
}

impl Rows {
    /// Looks whether the rows of a block are in order and where they are, and if that is reasonable, does the rest.
    fn write(
        mut self,
        edit: &mut Edit<'_>,
        (first, behind): (LocalId, LocalId),
        rest: Vec<Stmt>,
    ) -> Vec<Stmt> {
        let no = edit.expr(ExprKind::Const(ConstValue::Bool(false)), Ty::BOOL);
        let mut stmts = vec![
            edit.set(self.disorder, no),
            edit.set(self.lo, self.ends.0),
            edit.set(self.hi, self.ends.1),
        ];
        self.each.start = edit.load(first);
        self.each.end = edit.load(behind);
        stmts.push(hidden(StmtKind::For(self.each)));
        let disorder = edit.load(self.disorder);
        let kind = ExprKind::Unary {
            op: UnaryOp::Not,
            operand: disorder,
            site: None,
        };
        let mut conditions = vec![edit.expr(kind, Ty::BOOL)];
        conditions.extend(self.conditions);
        let cond = edit.all(conditions);
        stmts.push(edit.if_then(cond, rest, Vec::new()));
        stmts
    }
}
