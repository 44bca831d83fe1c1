//! The iterations of a loop as numbers from 0.

use super::super::edit::Edit;
use super::outline::Counting;
use crate::analysis::effects::{Effects, exposed_locals};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId, Site, SiteKind};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::stmt::{Loop, LoopRequest, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// The iterations of a loop as numbers.
pub(super) struct Counted {
    /// How many there are, a `usize`. A loop of 2⁶⁴ iterations, which never ends but by a trap long before, has one less.
    pub(super) count: LocalId,
    pub(super) start: LocalId,
    pub(super) end: LocalId,
    pub(super) counting: Counting,
}

impl Counted {
    /// Evaluates the bounds, in their order, and counts.
    pub(super) fn new(
        func: &mut Function,
        for_loop: &Loop,
        scalar: ScalarTy,
        span: Span,
        stmts: &mut Vec<Stmt>,
    ) -> Counted {
        let unit = matches!(
            func.exprs[for_loop.step].kind,
            ExprKind::Const(ConstValue::Int(1))
        );
        let mut edit = Edit::new(func, span);
        let mut keep = |edit: &mut Edit<'_>, name: &str, value: ExprId| {
            let local = edit.temporary(name, edit.ty(value).clone());
            stmts.push(edit.set(local, value));
            local
        };
        let start = keep(&mut edit, "start", for_loop.start);
        let end = keep(&mut edit, "end", for_loop.end);
        let step = (!unit).then(|| keep(&mut edit, "step", for_loop.step));
        let wide = |edit: &mut Edit<'_>, local: LocalId| {
            let operand = edit.load(local);
            match scalar {
                ScalarTy::Usize => operand,
                _ => edit.expr(ExprKind::Cast { operand }, Ty::USIZE),
            }
        };
        let distance = {
            let (end, start) = (wide(&mut edit, end), wide(&mut edit, start));
            edit.sub(end, start)
        };
        let last = match for_loop.inclusive {
            true => distance,
            false => {
                let one = edit.usize(1);
                edit.sub(distance, one)
            }
        };
        let steps = match step {
            Some(step) => {
                let step = edit.load(step);
                let site = division_site(edit.func, span);
                let kind = ExprKind::Binary {
                    op: BinaryOp::Div,
                    lhs: last,
                    rhs: step,
                    site: Some(site),
                };
                edit.expr(kind, Ty::USIZE)
            }
            None => last,
        };
        let steps = keep(&mut edit, "steps", steps);
        let args = vec![edit.load(steps), edit.usize(1)];
        let kind = ExprKind::Call {
            intrinsic: Intrinsic::SaturatingAdd,
            args,
            site: None,
        };
        let some = edit.expr(kind, Ty::USIZE);
        let cond = {
            let (start, end) = (edit.load(start), edit.load(end));
            let op = if for_loop.inclusive {
                BinaryOp::Le
            } else {
                BinaryOp::Lt
            };
            edit.binary(op, start, end)
        };
        let otherwise = edit.usize(0);
        let kind = ExprKind::Select {
            cond,
            then: some,
            otherwise,
        };
        let count = edit.expr(kind, Ty::USIZE);
        let count = keep(&mut edit, "count", count);
        let from = match for_loop.reversed {
            false => start,
            // The last value comes first; if there is none, whatever this is.
            true => {
                let mut number = edit.load(steps);
                if let Some(step) = step {
                    let step = edit.load(step);
                    number = edit.binary(BinaryOp::Mul, number, step);
                }
                if scalar != ScalarTy::Usize {
                    let operand = number;
                    number = edit.expr(ExprKind::Cast { operand }, Ty::Scalar(scalar));
                }
                let start = edit.load(start);
                let from = edit.add(start, number);
                keep(&mut edit, "from", from)
            }
        };
        let plain = unit && !for_loop.inclusive && !for_loop.reversed;
        let anchor = match plain && scalar == ScalarTy::Usize {
            true => anchor(func, for_loop),
            false => None,
        };
        let (from, plus) = anchor.unwrap_or((from, 0));
        let mut constants = Vec::new();
        for (local, expr) in [(Some(start), for_loop.start), (step, for_loop.step)] {
            if let (Some(local), ExprKind::Const(value)) = (local, &func.exprs[expr].kind) {
                constants.push((local, *value));
            }
        }
        let counting = Counting {
            from,
            plus,
            step,
            plain,
            constants,
        };
        Counted {
            count,
            start,
            end,
            counting,
        }
    }
}

impl Counted {
    /// The loop with its bounds as they were evaluated.
    pub(super) fn again(&self, edit: &mut Edit<'_>, for_loop: &Loop) -> Stmt {
        let serial = Loop {
            start: edit.load(self.start),
            end: edit.load(self.end),
            step: match self.counting.step {
                Some(step) => edit.load(step),
                None => for_loop.step,
            },
            request: LoopRequest::Auto,
            ..for_loop.clone()
        };
        edit.stmt(StmtKind::For(serial))
    }
}

/// Where a loop starts as a local that it leaves alone and a number: passes that work on the body function compare it with other bounds.
fn anchor(func: &Function, for_loop: &Loop) -> Option<(LocalId, u64)> {
    let local_of = |id: ExprId| match &func.exprs.get(id)?.kind {
        ExprKind::Load(place) if place.projections.is_empty() => Some(place.local),
        _ => None,
    };
    let (local, plus) = match func.exprs.get(for_loop.start)?.kind {
        ExprKind::Binary {
            op: BinaryOp::Add,
            lhs,
            rhs,
            ..
        } => match func.exprs.get(rhs)?.kind {
            ExprKind::Const(ConstValue::Int(number)) => {
                (local_of(lhs)?, u64::try_from(number).ok()?)
            }
            _ => return None,
        },
        _ => (local_of(for_loop.start)?, 0),
    };
    let effects = Effects::of_block(func, &for_loop.body);
    let changes = effects.assigned.contains(&local)
        || effects.vars.contains(&local)
        || exposed_locals(func).contains(&local);
    (!changes && local != for_loop.var && func.locals[local].ty == Ty::USIZE)
        .then_some((local, plus))
}

/// A site for the division by a step, which is never 0.
fn division_site(func: &mut Function, span: Span) -> crate::SiteId {
    func.sites.push(Site {
        kind: SiteKind::Binary(BinaryOp::Div),
        span,
        origin: 0,
        node: 0,
        operands: vec![Ty::USIZE; 2],
    })
}
