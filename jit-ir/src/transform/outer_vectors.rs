//! Loops around reductions, their iterations side by side in the lanes of vectors:
//!
//! ```text
//! for i in s..e {                          for b in s..e step 32 {
//!     let mut sum = 0.0;                       let v = min(b, e - 32);
//!     for k in 0..h.len() {            →       sums[0..32] = 0.0;
//!         sum += h[k] * x[i + k];              for k in 0..h.len() { sums[l] += h[k] * x[v + l + k]; }
//!     }                                        y[v + l] = sums[l];
//!     y[i] = sum;                          }
//! }
//! ```
//!
//! Each sum keeps its order, so that this is the same to the bit; LLVM vectorizes the inner loop, which it may only where the order is
//! free. The last block begins early and computes some elements twice. Loops with fewer iterations run as they were. What it
//! takes: the iterations share nothing but what they read; the loops inside have the same range for all of them; every element that is loaded is
//! the same for all, or next to that of the iteration before, or a field or an element of what is (`points[i].x`): lanes then load one after the other,
//! and only where a loop does that again and again for the same lanes, so that LLVM moves it out.
//!
//! A condition that decides what locals are chooses in each lane, `if d < best { best = d; at = k; }`, as long as nothing is loaded behind it.

use std::collections::{HashMap, HashSet};

use super::Target;
use super::checks::make_cold;
use super::edit::Edit;
use crate::analysis::effects::Effects;
use crate::analysis::liveness::Following;
use crate::analysis::short_loops;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Label, Loop, LoopHints, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::{ScalarTy, Ty};

mod choices;
#[cfg(test)]
mod tests;

use self::choices::choices;

/// Loads of fields and the like that are written out for each lane.
const MOST_GATHERS: usize = 6;

/// Rewrites what can be rewritten.
pub(super) fn run(func: &mut Function, target: &Target, remarks: &mut Remarks<'_>) {
    let mut next_label = super::copy::next_label(func);
    let short_loops = short_loops(func);
    let mut body = std::mem::take(&mut func.body);
    let found = {
        let mut search = Search {
            func,
            target,
            following: Following::default(),
            short_loops,
            found: Vec::new(),
            at: 0,
        };
        search.visit(&body, None);
        search.found
    };
    if !found.is_empty() {
        let mut found = found.into_iter().peekable();
        rewrite_block(func, &mut body, &mut 0, &mut |func, at, stmt| {
            let (_, plan) = found.next_if(|(number, _)| *number == at)?;
            let lanes = plan.lanes();
            remarks.add(stmt.span, RemarkKind::OuterVectors { lanes });
            Some(plan.write(func, stmt, &mut next_label))
        });
    }
    func.body = body;
}

/// Whether this statement, or a loop in it, is rewritten. `following` is what comes behind it.
pub(super) fn takes<'f>(
    func: &'f Function,
    target: &'f Target,
    following: &Following<'f>,
    stmt: &'f Stmt,
) -> bool {
    let mut search = Search {
        func,
        target,
        following: following.clone(),
        short_loops: HashSet::new(),
        found: Vec::new(),
        at: 0,
    };
    if search.plan(stmt).is_some() {
        return true;
    }
    search.visit_blocks(stmt);
    !search.found.is_empty()
}

/// Replaces the statements that `change` gives something for. Statements are numbered in the order of [`Search`].
fn rewrite_block(
    func: &mut Function,
    block: &mut Block,
    at: &mut usize,
    change: &mut impl FnMut(&mut Function, usize, &Stmt) -> Option<Vec<Stmt>>,
) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        *at += 1;
        let number = *at;
        match change(func, number, &stmt) {
            Some(new) => {
                stmts.extend(new);
                *at += count(&stmt);
            }
            None => {
                for inner in stmt.kind.blocks_mut() {
                    rewrite_block(func, inner, at, change);
                }
                stmts.push(stmt);
            }
        }
    }
    block.stmts = stmts;
}

/// How many statements are inside of one.
fn count(stmt: &Stmt) -> usize {
    let inside = stmt.kind.blocks().flat_map(|block| &block.stmts);
    inside.map(|stmt| 1 + count(stmt)).sum()
}

struct Search<'f> {
    func: &'f Function,
    target: &'f Target,
    following: Following<'f>,
    /// The loops that may become straight-line code.
    short_loops: HashSet<Label>,
    found: Vec<(usize, Plan)>,
    at: usize,
}

impl<'f> Search<'f> {
    fn visit(&mut self, block: &'f Block, around: Option<&'f Stmt>) {
        for (position, stmt) in block.stmts.iter().enumerate() {
            self.at += 1;
            self.following.enter(&block.stmts[position + 1..], around);
            match self.plan(stmt) {
                Some(plan) => {
                    self.found.push((self.at, plan));
                    self.at += count(stmt);
                }
                None => self.visit_blocks(stmt),
            }
            self.following.leave();
        }
    }

    fn visit_blocks(&mut self, stmt: &'f Stmt) {
        let repeats = match &stmt.kind {
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. } => Some(stmt),
            _ => None,
        };
        if let StmtKind::For(for_loop) = &stmt.kind
            && for_loop.hints.cold
        {
            self.at += count(stmt);
            return;
        }
        for inner in stmt.kind.blocks() {
            self.visit(inner, repeats);
        }
    }

    fn plan(&self, stmt: &Stmt) -> Option<Plan> {
        let StmtKind::For(outer) = &stmt.kind else {
            return None;
        };
        let func = self.func;
        if !is_plain(func, outer) || !has_inner_loop(&outer.body) {
            return None;
        }
        let effects = Effects::of_block(func, &outer.body);
        if effects.traps
            || effects.leaves
            || effects.calls
            || effects.host_calls
            || effects.unbounded
            || (effects.assigned.iter()).any(|&local| self.following.may_read(func, local))
        {
            return None;
        }
        let mut reader = Reader {
            func,
            outer,
            effects: &effects,
            written: HashSet::new(),
            names: HashMap::new(),
            arrays: Vec::new(),
            inside: Vec::new(),
            gathers: 0,
            chooses: false,
            carries: false,
            moves: false,
        };
        reader.block(&outer.body, 0)?;
        let arrays = reader.arrays;
        // Where sums may be reassociated, LLVM's vectors of the inner loop need fewer registers.
        let most = match func.fastmath.reassoc && !reader.chooses {
            true => 2,
            false => 12,
        };
        if !reader.carries || !reader.moves || arrays.len() > most {
            return None;
        }
        let bits = (arrays.iter())
            .filter_map(|&local| func.locals[local].ty.as_scalar())
            .map(ScalarTy::bits)
            .max()?;
        let lanes = u64::from(self.target.vector_bits / bits);
        // What is in registers at a time, about.
        let vectors = match arrays.len() {
            0..=2 => 4,
            3..=6 => 2,
            _ => 1,
        };
        let vectors = if self.target.vector_registers < 32 {
            1.max(vectors / 2)
        } else {
            vectors
        };
        let mut has_short_loops = false;
        outer.body.for_each_stmt(|stmt| {
            has_short_loops |= matches!(&stmt.kind, StmtKind::For(inner) if self.short_loops.contains(&inner.label));
        });
        (lanes >= 2).then_some(Plan {
            has_short_loops,
            width: lanes * vectors,
            names: reader.names,
            arrays,
        })
    }
}

/// Whether a loop counts up by one, as `usize`, and is neither cold nor vectorized.
fn is_plain(func: &Function, for_loop: &Loop) -> bool {
    func.exprs[for_loop.step].kind == ExprKind::Const(ConstValue::Int(1))
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals[for_loop.var].ty == Ty::USIZE
}

fn has_inner_loop(block: &Block) -> bool {
    (block.stmts.iter()).any(|stmt| matches!(stmt.kind, StmtKind::For(_)))
}

/// Reads the body of the outer loop in order.
struct Reader<'f> {
    func: &'f Function,
    outer: &'f Loop,
    effects: &'f Effects,
    /// The locals that have been assigned for sure.
    written: HashSet<LocalId>,
    /// Integers that stand for an expression, as indices do.
    names: HashMap<LocalId, ExprId>,
    /// All other locals that are assigned.
    arrays: Vec<LocalId>,
    /// The variables of the inner loops around.
    inside: Vec<LocalId>,
    /// Loads that lanes do one after the other.
    gathers: usize,
    /// A comparison with a local decides what the local and others become.
    chooses: bool,
    /// A float is carried from iteration to iteration of an inner loop.
    carries: bool,
    /// An inner loop loads elements that differ from lane to lane.
    moves: bool,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block, depth: usize) -> Option<()> {
        block
            .stmts
            .iter()
            .try_for_each(|stmt| self.stmt(stmt, depth))
    }

    fn stmt(&mut self, stmt: &Stmt, depth: usize) -> Option<()> {
        match &stmt.kind {
            StmtKind::Assign { place, value } => self.assign(place, *value, depth),
            StmtKind::For(inner) if !inner.hints.cold && inner.hints.lanes == 0 => {
                for bound in [inner.start, inner.end, inner.step] {
                    self.value(bound, depth)?;
                    (!self.varies(bound)).then_some(())?;
                }
                self.inside.push(inner.var);
                // It may run zero times.
                let before = self.written.clone();
                self.block(&inner.body, depth + 1)?;
                self.written = before;
                self.inside.pop();
                Some(())
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => self.choice(*cond, [then, otherwise], depth),
            _ => None,
        }
    }

    fn assign(&mut self, place: &Place, value: ExprId, depth: usize) -> Option<()> {
        let func = self.func;
        self.value(value, depth)?;
        let ty = func.exprs[value].ty.as_scalar()?;
        match place.projections.as_slice() {
            [] => {
                let local = place.local;
                if ty == ScalarTy::Usize && depth == 0 && self.is_name(local, value) {
                    self.names.insert(local, value);
                    return Some(());
                }
                // An index must be known by a formula.
                if ty == ScalarTy::Bool || ty.bits() > 64 {
                    return None;
                }
                if depth > 0 && ty.is_float() && mentions(func, value, local) {
                    self.carries = true;
                }
                self.written.insert(local);
                if !self.arrays.contains(&local) {
                    self.arrays.push(local);
                }
                Some(())
            }
            // Each iteration has an element of its own.
            &[Projection::Index { index, site: None }] => {
                let Ty::Slice { elem, .. } = &func.locals[place.local].ty else {
                    return None;
                };
                self.value(index, depth)?;
                let own = depth == 0
                    && elem.as_scalar().is_some_and(|ty| ty != ScalarTy::Bool)
                    && self.is_param(place.local)
                    && self.slope(index)? == 1
                    && self.stores_to(place.local) == 1;
                own.then_some(())
            }
            _ => None,
        }
    }

    /// Whether a local is assigned here alone, a value that can be written out wherever it is used.
    fn is_name(&self, local: LocalId, value: ExprId) -> bool {
        let mut assignments = 0;
        self.outer.body.for_each_stmt(|stmt| {
            if stmt.kind.place().is_some_and(|place| place.local == local) {
                assignments += 1;
            }
        });
        assignments == 1 && self.slope(value).is_some() && !self.loads_memory(value)
    }

    fn stores_to(&self, slice: LocalId) -> usize {
        let mut stores = 0;
        self.outer.body.for_each_stmt(|stmt| {
            if stmt.kind.place().is_some_and(|place| place.local == slice) {
                stores += 1;
            }
        });
        stores
    }

    fn is_param(&self, local: LocalId) -> bool {
        local.index() < self.func.params.len() && !self.effects.assigned.contains(&local)
    }

    /// Whether a value can be computed for all lanes at once.
    fn value(&mut self, id: ExprId, depth: usize) -> Option<()> {
        let func = self.func;
        let expr = &func.exprs[id];
        let ty = expr.ty.as_scalar()?;
        let varies = self.varies(id);
        match &expr.kind {
            ExprKind::Const(_) => {}
            ExprKind::Len(place) => {
                let known = place.projections.is_empty() && self.is_param(place.local);
                known.then_some(())?;
            }
            ExprKind::Load(place) => self.load(place, depth)?,
            ExprKind::Unary { op, .. } if varies => {
                (*op == UnaryOp::Neg && ty.is_float()).then_some(())?;
            }
            ExprKind::Binary { op, lhs, .. } if varies => {
                let of = func.exprs[*lhs].ty.as_scalar()?;
                let works = match op {
                    BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr => false,
                    BinaryOp::Div => of.is_float(),
                    _ => of != ScalarTy::Bool,
                };
                works.then_some(())?;
            }
            ExprKind::Select {
                then, otherwise, ..
            } if varies => {
                let lazy = self.loads_memory(*then) || self.loads_memory(*otherwise);
                (!lazy).then_some(())?;
            }
            ExprKind::Call { intrinsic, .. } if varies => {
                let works = ty.is_float()
                    && matches!(
                        intrinsic,
                        Intrinsic::Sqrt
                            | Intrinsic::MulAdd
                            | Intrinsic::Abs
                            | Intrinsic::Min
                            | Intrinsic::Max
                            | Intrinsic::Floor
                            | Intrinsic::Ceil
                            | Intrinsic::Trunc
                    );
                works.then_some(())?;
            }
            // Lane by lane, and once for each.
            ExprKind::Cast { operand } if varies && depth == 0 => {
                let from = func.exprs[*operand].ty.as_scalar()?;
                let number = |ty: ScalarTy| ty != ScalarTy::Bool && ty.bits() <= 64;
                (number(from) && number(ty)).then_some(())?;
            }
            ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Select { .. }
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Cast { .. }
            | ExprKind::Call { .. }
                if !varies => {}
            _ => return None,
        }
        let mut all = Some(());
        expr.kind.for_each_operand(|operand| {
            if all.is_some() {
                all = self.value(operand, depth);
            }
        });
        all
    }

    fn load(&mut self, place: &Place, depth: usize) -> Option<()> {
        let func = self.func;
        match place.projections.as_slice() {
            [] => {
                func.locals[place.local].ty.as_scalar()?;
                let carried = self.effects.assigned.contains(&place.local)
                    && !self.names.contains_key(&place.local)
                    && !self.written.contains(&place.local);
                (!carried).then_some(())
            }
            &[Projection::Index { index, site: None }] => {
                let Ty::Slice { elem, .. } = &func.locals[place.local].ty else {
                    return None;
                };
                elem.as_scalar().filter(|&ty| ty != ScalarTy::Bool)?;
                if !self.is_param(place.local) || self.effects.stored_through.contains(&place.local)
                {
                    return None;
                }
                match self.slope(index)? {
                    0 => {}
                    1 => self.moves |= depth > 0,
                    _ => return None,
                }
                Some(())
            }
            // A field or an element of an element.
            [Projection::Index { index, site: None }, within @ ..] => {
                let ty = place_ty(func, place)?.as_scalar()?;
                let in_slice = matches!(func.locals[place.local].ty, Ty::Slice { .. });
                if !in_slice
                    || ty == ScalarTy::Bool
                    || !self.is_param(place.local)
                    || self.effects.stored_through.contains(&place.local)
                {
                    return None;
                }
                for step in within {
                    match step {
                        Projection::Field(_) => {}
                        &Projection::Index { index, site: None } => {
                            (!self.varies(index)).then_some(())?;
                        }
                        _ => return None,
                    }
                }
                match self.slope(*index)? {
                    0 => {}
                    1 => {
                        // A loop around does it again for the same lanes.
                        let repeated = self.inside.is_empty()
                            || self.inside.iter().any(|&var| {
                                let mut uses = false;
                                place.for_each_index(|index| uses |= mentions(func, index, var));
                                !uses
                            });
                        self.gathers += 1;
                        if !repeated || self.gathers > MOST_GATHERS {
                            return None;
                        }
                        self.moves |= depth > 0;
                    }
                    _ => return None,
                }
                Some(())
            }
            _ => None,
        }
    }

    /// Whether a value may differ from lane to lane.
    fn varies(&self, id: ExprId) -> bool {
        let kind = &self.func.exprs[id].kind;
        let mut varies = kind.place().is_some_and(|place| {
            let local = place.local;
            match self.names.get(&local) {
                Some(&value) => self.varies(value),
                None => local == self.outer.var || self.effects.assigned.contains(&local),
            }
        });
        kind.for_each_operand(|operand| varies = varies || self.varies(operand));
        varies
    }

    /// By how much an integer grows from lane to lane.
    fn slope(&self, id: ExprId) -> Option<i64> {
        if !self.varies(id) {
            return Some(0);
        }
        match &self.func.exprs[id].kind {
            ExprKind::Load(place) if place.projections.is_empty() => {
                match self.names.get(&place.local) {
                    Some(&value) => self.slope(value),
                    None => (place.local == self.outer.var).then_some(1),
                }
            }
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (lhs, rhs) = (self.slope(*lhs)?, self.slope(*rhs)?);
                match op {
                    BinaryOp::Add => lhs.checked_add(rhs),
                    BinaryOp::Sub => lhs.checked_sub(rhs),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn loads_memory(&self, id: ExprId) -> bool {
        let kind = &self.func.exprs[id].kind;
        let mut loads = matches!(kind, ExprKind::Load(place) if !place.projections.is_empty());
        kind.for_each_operand(|operand| loads = loads || self.loads_memory(operand));
        loads
    }
}

fn mentions(func: &Function, id: ExprId, local: LocalId) -> bool {
    let kind = &func.exprs[id].kind;
    let mut found = kind.place().is_some_and(|place| place.local == local);
    kind.for_each_operand(|operand| found = found || mentions(func, operand, local));
    found
}

/// How a loop is rewritten.
struct Plan {
    /// Whether loops inside may become straight-line code.
    has_short_loops: bool,
    /// How many iterations are computed at a time.
    width: u64,
    names: HashMap<LocalId, ExprId>,
    arrays: Vec<LocalId>,
}

/// What the copy of the body refers to.
struct Copy<'p> {
    plan: &'p Plan,
    outer_var: LocalId,
    /// The first iteration of the block.
    first: LocalId,
    arrays: HashMap<LocalId, LocalId>,
    vars: HashMap<LocalId, LocalId>,
}

impl Plan {
    fn lanes(&self) -> u64 {
        self.width
    }

    fn write(&self, func: &mut Function, original: &Stmt, next_label: &mut u32) -> Vec<Stmt> {
        let StmtKind::For(outer) = &original.kind else {
            return vec![original.clone()];
        };
        let mut edit = Edit::with_labels(func, original.span, *next_label);
        let start = edit.temporary("start", Ty::USIZE);
        let end = edit.temporary("end", Ty::USIZE);
        let first = edit.temporary("first", Ty::USIZE);
        let counter = edit.counter("block");
        let mut arrays = HashMap::new();
        for &local in &self.arrays {
            let elem = Box::new(edit.func.locals[local].ty.clone());
            let len = self.width;
            arrays.insert(local, edit.temporary("lanes", Ty::Array { elem, len }));
        }
        let mut copy = Copy {
            plan: self,
            outer_var: outer.var,
            first,
            arrays,
            vars: HashMap::new(),
        };
        let mut stmts = vec![edit.set(start, outer.start), edit.set(end, outer.end)];

        let loads = [edit.load(start), edit.load(end)];
        let some = edit.binary(BinaryOp::Lt, loads[0], loads[1]);
        let (from, to) = (edit.load(start), edit.load(end));
        let number = edit.sub(to, from);
        let width = edit.usize(self.width);
        let enough = edit.binary(BinaryOp::Ge, number, width);
        let cond = edit.all(vec![some, enough]);

        let (block, to, width) = (edit.load(counter), edit.load(end), edit.usize(self.width));
        let last = edit.sub(to, width);
        let begin = edit.min(block, last);
        let mut body = vec![edit.set(first, begin)];
        body.extend(copy.block(&mut edit, &outer.body));
        let range = (edit.load(start), edit.load(end), self.width);
        let blocks = edit.for_loop(counter, range, LoopHints::default(), body);

        let (start, end) = (edit.load(start), edit.load(end));
        let mut few = Loop {
            start,
            end,
            ..outer.clone()
        };
        // In order, each sum waits for its additions, whatever LLVM makes of the loops.
        if !edit.func.fastmath.reassoc && !self.has_short_loops {
            make_cold(&mut few);
        }
        let rest = edit.stmt(StmtKind::For(few));
        let mut then = Vec::new();
        for &local in &self.arrays {
            if let Some(&array) = copy.arrays.get(&local) {
                let ty = edit.func.locals[array].ty.clone();
                let zero = edit.expr(ExprKind::Zeroed, ty);
                then.push(edit.set(array, zero));
            }
        }
        then.push(blocks);
        stmts.push(edit.if_then(cond, then, vec![rest]));
        *next_label = edit.next_label();
        stmts
    }
}

impl Copy<'_> {
    /// Consecutive assignments are one loop over the lanes each.
    fn block(&mut self, edit: &mut Edit<'_>, block: &Block) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Assign { place, .. } if self.plan.names.contains_key(&place.local) => {}
                StmtKind::Assign { place, value } => {
                    let lane = edit.counter("lane");
                    let value = self.expr(edit, *value, Some(lane));
                    let place = self.place(edit, place, Some(lane));
                    let assign = edit.assign(place, value);
                    let lanes = u32::try_from(self.plan.width).unwrap_or(1);
                    stmts.push(edit.lanes_loop(lane, lanes, vec![assign]));
                }
                StmtKind::If {
                    cond,
                    then,
                    otherwise,
                } => {
                    for choice in choices(edit.func, *cond, [then, otherwise]).unwrap_or_default() {
                        let lane = edit.counter("lane");
                        let value = self.chosen(edit, *cond, &choice, lane);
                        let place = self.place(edit, &Place::local(choice.local), Some(lane));
                        let assign = edit.assign(place, value);
                        let lanes = u32::try_from(self.plan.width).unwrap_or(1);
                        stmts.push(edit.lanes_loop(lane, lanes, vec![assign]));
                    }
                }
                StmtKind::For(inner) => {
                    let [start, end, step] = [inner.start, inner.end, inner.step]
                        .map(|bound| self.expr(edit, bound, None));
                    let ty = edit.func.locals[inner.var].ty.clone();
                    let var = super::copy::add_temporary(edit.func, "inner", ty, false);
                    self.vars.insert(inner.var, var);
                    let body = Block {
                        stmts: self.block(edit, &inner.body),
                    };
                    let label = edit.label();
                    stmts.push(edit.stmt(StmtKind::For(Loop {
                        label,
                        var,
                        start,
                        end,
                        step,
                        body,
                        ..inner.clone()
                    })));
                }
                _ => {}
            }
        }
        stmts
    }

    fn expr(&self, edit: &mut Edit<'_>, id: ExprId, lane: Option<LocalId>) -> ExprId {
        edit.copy(id, &mut |edit, id| {
            let ExprKind::Load(place) = &edit.func.exprs[id].kind else {
                return None;
            };
            if !place.projections.is_empty() {
                return None;
            }
            let local = place.local;
            if local == self.outer_var {
                let first = edit.load(self.first);
                return Some(match lane {
                    Some(lane) => {
                        let lane = edit.load(lane);
                        edit.add(first, lane)
                    }
                    None => first,
                });
            }
            if let Some(&value) = self.plan.names.get(&local) {
                return Some(self.expr(edit, value, lane));
            }
            if let Some(&var) = self.vars.get(&local) {
                return Some(edit.load(var));
            }
            let place = self.element(edit, local, lane)?;
            Some(edit.load_place(place))
        })
    }

    fn element(&self, edit: &mut Edit<'_>, local: LocalId, lane: Option<LocalId>) -> Option<Place> {
        let array = *self.arrays.get(&local)?;
        let lane = edit.load(lane?);
        Some(Place::local(array).index(lane, None))
    }

    fn place(&self, edit: &mut Edit<'_>, place: &Place, lane: Option<LocalId>) -> Place {
        match place.projections.as_slice() {
            [Projection::Index { index, .. }] => {
                let index = self.expr(edit, *index, lane);
                Place::local(place.local).index(index, None)
            }
            _ => self
                .element(edit, place.local, lane)
                .unwrap_or_else(|| place.clone()),
        }
    }
}
