//! Whether the iterations of a counted loop may run in any order, and at the same time.
//!
//! They may if none of them stores what another one reads or stores (`disjoint`), if the locals that they assign belong to one iteration
//! each (`scalars`) or combine values in an order that does not matter (`reductions`), and if each of them runs to its end. What depends on numbers
//! that only the caller knows becomes conditions, polynomials that must not be negative. In doubt it is not legal, and the [`Reason`]
//! says which two places of the source stand in the way.
//!
//! Traps do not count: what happens when some iterations trap is said at `StmtKind::Parallel`. So iterations behind a trap may run, which
//! Rust would not run; each access that is not checked must be in bounds in its iteration by itself.

mod accesses;
mod arrays;
mod callees;
mod disjoint;
mod exchanges;
mod minima;
mod pointers;
mod reductions;
mod scalars;
mod splits;
#[cfg(all(test, feature = "frontend"))]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use self::accesses::{Access, Step, Walker};
pub use self::arrays::ArrayReduction;
pub(crate) use self::arrays::{Update, elements_of, update_of};
pub(crate) use self::callees::may_store;
use self::callees::{bytes_of, calls_hosts, is_recursive};
use self::disjoint::{Iterations, disjoint};
pub(crate) use self::pointers::{Memory, PointsTo};
use self::pointers::{Pointer, Root};
use self::reductions::{Obstacle, Reader};
pub use self::reductions::{ReduceOp, Reduction, ReductionKind};
use self::scalars::{Usage, usages};
pub(crate) use self::scalars::{carried_locals, filled};
use super::effects::{Effects, is_behind_pointer};
use super::liveness::Following;
use super::poly::{Poly, Symbols};
use super::prove::{Conditions, Context, add_all};
use crate::expr::{ExprId, ExprKind};
use crate::func::{Function, LocalId, Program};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::Ty;

/// Conditions of one loop; more cost too much time.
const MAX_CONDITIONS: usize = 24;
/// What the locals of a loop and of the functions that it calls may take, in bytes: rayon's workers have stacks of 2 MiB.
const MAX_FRAME: u64 = 512 << 10;
/// Pairs of accesses of one loop; more take too long to look at.
const MAX_PAIRS: usize = 1500;

/// Whether a loop's iterations may run in any order.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They may.
    Legal,
    /// They may if none of these polynomials, over what does not change in the loop, is negative when it starts.
    LegalIf(Vec<Poly>),
    /// They may not, as far as is known.
    Illegal(Reason),
}

/// What was found out about a loop.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Whether it may run in parallel.
    pub verdict: Verdict,
    /// Locals that each iteration assigns before it uses them, and that nothing reads behind the loop.
    pub privates: Vec<LocalId>,
    /// Accumulators.
    pub reductions: Vec<Reduction>,
    /// Arrays whose elements are accumulators, which nothing else in the loop uses.
    pub arrays: Vec<ArrayReduction>,
    /// What the symbols in the conditions are.
    pub symbols: Symbols,
}

impl Finding {
    fn illegal(reason: Reason) -> Finding {
        Finding {
            verdict: Verdict::Illegal(reason),
            privates: Vec::new(),
            reductions: Vec::new(),
            arrays: Vec::new(),
            symbols: Symbols::default(),
        }
    }
}

/// What keeps a loop serial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// The same for people, with names: a sentence without a full stop that begins with a verb; the loop is its subject.
    pub text: String,
    /// The access or assignment that stands in the way, perhaps unknown.
    pub first: Span,
    /// The other one that it conflicts with; the same if there is but one.
    pub second: Span,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What may keep a loop serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonKind {
    /// `break`, `return` or a jump to a loop around.
    Leaves,
    /// A function that is not compiled, whose effects must stay in order.
    HostCall,
    /// An iteration reads what the one before assigned.
    Carried,
    /// The value of the last iteration is used behind the loop.
    LastValue,
    /// A sum of floats, whose order may not change without `fastmath`.
    FloatOrder,
    /// A sum whose overflow panics, and might not in another order.
    Overflow,
    /// Two iterations may reach the same element, and one of them stores to it.
    Dependence,
    /// An index that is no formula of the loops' variables, such as `perm[i]`.
    Indirect,
    /// Two slices or references may overlap.
    Overlap,
    /// It is too large, or of a form that is not understood.
    Form,
}

/// Looks at the loops of one function.
pub struct Analysis<'p> {
    func: &'p Function,
    points_to: PointsTo,
    /// Functions of the program that call functions which are not compiled, directly or not.
    calls_hosts: Vec<bool>,
    /// Whether some function of the program has indices of which its source says that they are in bounds.
    unchecked: bool,
    /// What the locals of all functions that may be called take together: more than any chain of calls without recursion.
    frames: u64,
}

impl<'p> Analysis<'p> {
    /// For the loops of a function of a program.
    pub fn new(program: &'p Program, function: usize) -> Option<Self> {
        let func = program.functions.get(function)?;
        Some(Analysis {
            func,
            points_to: PointsTo::of(func),
            calls_hosts: calls_hosts(program),
            unchecked: program.functions.iter().any(|func| func.unchecked),
            frames: match is_recursive(program) {
                true => u64::MAX,
                false => bytes_of(
                    (program.functions.iter().enumerate())
                        .filter(|(other, _)| *other != function)
                        .map(|(_, func)| func)
                        .flat_map(|func| func.locals.iter().map(|(_, local)| local)),
                ),
            },
        })
    }

    /// For a function without its program: functions that it calls are taken to do what they are said to.
    pub fn of_function(func: &'p Function) -> Self {
        Analysis {
            func,
            points_to: PointsTo::of(func),
            calls_hosts: Vec::new(),
            unchecked: false,
            frames: 0,
        }
    }

    /// What is known of a loop of the function.
    pub fn of_loop(&self, site: &LoopSite<'_, '_>) -> Finding {
        let stmt = site.stmt;
        let StmtKind::For(for_loop) = &stmt.kind else {
            let text = "has no number of iterations that is known before it starts";
            return Finding::illegal(one(ReasonKind::Form, text.to_owned(), stmt.span));
        };
        match self.judge(site, for_loop) {
            Ok(finding) => finding,
            Err(reason) => Finding::illegal(reason),
        }
    }

    fn judge(&self, site: &LoopSite<'_, '_>, for_loop: &Loop) -> Result<Finding, Reason> {
        let stmt = site.stmt;
        self.check_form(for_loop)?;
        let effects = Effects::of_block(self.func, &for_loop.body);
        let (privates, reductions) = self.locals(for_loop, site.following)?;
        self.check_promises(stmt, for_loop, &effects, &privates)?;

        let mut walker = Walker::new(self.func, &self.points_to, stmt);
        walker.walk(for_loop, site.around);
        let accesses = std::mem::take(&mut walker.accesses);
        let own: HashSet<LocalId> = privates.iter().copied().collect();
        let accesses = self.shared_accesses(accesses, &own);
        self.check_captures(&mut walker, for_loop, &effects, &own, &accesses)?;

        let (var, step) = (walker.var, walker.step.clone());
        let mut symbols = std::mem::take(&mut walker.scope.symbols);
        let mut conditions = Vec::new();
        let mut n_pairs = 0;
        let mut arrays: Vec<ArrayReduction> = Vec::new();
        for (position, first) in accesses.iter().enumerate() {
            for second in &accesses[position..] {
                if !(first.write || second.write) || !self.may_alias(&first.root, &second.root) {
                    continue;
                }
                if self.are_split(&effects, first, second) {
                    continue;
                }
                let accumulates = |array: &ArrayReduction| array.local == first.through;
                if first.root == second.root
                    && first.through == second.through
                    && arrays.iter().any(accumulates)
                {
                    continue;
                }
                n_pairs += 1;
                if n_pairs > MAX_PAIRS {
                    let text = "accesses memory in too many places".to_owned();
                    return Err(one(ReasonKind::Form, text, stmt.span));
                }
                let same_base = first.root == second.root && !matches!(first.root, Root::Among(_));
                let more = match (&var, &step) {
                    (Some(var), Some(step)) if same_base => {
                        let iterations = Iterations {
                            var: *var,
                            step: step.clone(),
                        };
                        disjoint(&mut symbols, &iterations, first, second)
                    }
                    _ => None,
                };
                match more {
                    Some(more) => add_all(&mut conditions, more),
                    None => {
                        let array = arrays::array_reduction(self.func, for_loop, first, &accesses);
                        arrays.push(array.ok_or_else(|| self.conflict(first, second))?);
                    }
                }
            }
        }
        walker.scope.symbols = symbols;
        let invariant = |claim: &Poly| walker.scope.is_invariant_poly(claim);
        if !conditions.iter().all(invariant) {
            let text = "has accesses that cannot be told apart before it starts".to_owned();
            return Err(one(ReasonKind::Form, text, stmt.span));
        }
        simplify(&walker.scope.symbols, &mut conditions);
        if conditions.len() > MAX_CONDITIONS {
            let text = "would need too many conditions to be checked before it starts".to_owned();
            return Err(one(ReasonKind::Form, text, stmt.span));
        }
        Ok(Finding {
            verdict: match conditions.is_empty() {
                true => Verdict::Legal,
                false => Verdict::LegalIf(conditions),
            },
            privates,
            reductions,
            arrays,
            symbols: walker.scope.symbols,
        })
    }

    /// That each iteration runs to its end, and calls nothing whose order counts.
    fn check_form(&self, for_loop: &Loop) -> Result<(), Reason> {
        let mut labels: HashSet<Label> = HashSet::new();
        let mut found = None;
        for_loop.body.for_each_stmt(|stmt| {
            let reason = match &stmt.kind {
                StmtKind::For(inner) => {
                    labels.insert(inner.label);
                    None
                }
                StmtKind::While { label, .. }
                | StmtKind::Forever { label, .. }
                | StmtKind::Labeled { label, .. } => {
                    labels.insert(*label);
                    None
                }
                StmtKind::Return(_) => Some((ReasonKind::Leaves, "is left by `return`")),
                // Labels are unique, and those inside come before their uses.
                StmtKind::Break(label) if !labels.contains(label) => {
                    Some((ReasonKind::Leaves, "is left by `break`"))
                }
                StmtKind::Continue(label)
                    if *label != for_loop.label && !labels.contains(label) =>
                {
                    Some((
                        ReasonKind::Leaves,
                        "is left by `continue` of a loop around it",
                    ))
                }
                StmtKind::HostCall { .. } => Some((
                    ReasonKind::HostCall,
                    "calls a function that is not compiled",
                )),
                StmtKind::Parallel(_) => Some((ReasonKind::Form, "has a parallel loop in it")),
                StmtKind::Call { function, .. }
                    if (self.calls_hosts.get(*function as usize)).is_some_and(|calls| *calls) =>
                {
                    Some((
                        ReasonKind::HostCall,
                        "calls a function that calls one which is not compiled",
                    ))
                }
                StmtKind::Assign { place, value }
                    if is_behind_pointer(self.func, place)
                        && (self.func.exprs.get(*value))
                            .is_none_or(|value| value.ty.has_refs()) =>
                {
                    Some((ReasonKind::Form, "stores a reference to memory"))
                }
                _ => None,
            };
            if found.is_none()
                && let Some((kind, text)) = reason
            {
                found = Some(one(kind, text.to_owned(), stmt.span));
            }
        });
        found.map_or(Ok(()), Err)
    }

    /// That no iteration relies on another one not to panic, and that workers have stack enough.
    fn check_promises(
        &self,
        stmt: &Stmt,
        for_loop: &Loop,
        effects: &Effects,
        privates: &[LocalId],
    ) -> Result<(), Reason> {
        let mut calls = false;
        let mut traps = effects.traps;
        for_loop.body.for_each_stmt(|stmt| {
            calls |= matches!(stmt.kind, StmtKind::Call { .. });
            traps |= matches!(stmt.kind, StmtKind::Trap { .. } | StmtKind::Call { .. });
        });
        if traps && (self.func.unchecked || calls && self.unchecked) {
            let text = "relies on `get_unchecked` where an iteration before may panic".to_owned();
            return Err(one(ReasonKind::Form, text, stmt.span));
        }
        let own = bytes_of(privates.iter().map(|&local| &self.func.locals[local]));
        let callees = if calls { self.frames } else { 0 };
        if own.saturating_add(callees) > MAX_FRAME {
            let text = "needs more stack than other threads may have".to_owned();
            return Err(one(ReasonKind::Form, text, stmt.span));
        }
        Ok(())
    }

    /// Sorts the locals that the loop assigns: private ones, accumulators. (Arrays that iterations share are neither.)
    fn locals(
        &self,
        for_loop: &Loop,
        following: &Following<'_>,
    ) -> Result<(Vec<LocalId>, Vec<Reduction>), Reason> {
        let func = self.func;
        let mut found: Vec<(LocalId, Usage)> = usages(func, &for_loop.body).into_iter().collect();
        found.sort_by_key(|(local, _)| *local);
        let pointed_to = self.pointed_to_outside(&for_loop.body);
        let mut privates = Vec::new();
        let mut shared = Vec::new();
        let mut carried = Vec::new();
        for (local, usage) in found {
            let behind = following.may_read(func, local);
            let outside = pointed_to.contains(&local);
            if usage.exposed.is_none() && !behind && !outside {
                privates.push(local);
                continue;
            }
            let is_array = matches!(func.locals[local].ty, Ty::Array { .. });
            if is_array && !usage.as_whole {
                shared.push(local);
                continue;
            }
            carried.push((local, usage, behind, outside));
        }
        let reader = Reader {
            func,
            stores: may_store(func, &for_loop.body) || !shared.is_empty(),
        };
        let candidates: Vec<LocalId> = carried.iter().map(|(local, ..)| *local).collect();
        let results = reader.reductions(&for_loop.body, &candidates);
        let noted: HashSet<LocalId> = (results.values().flatten())
            .flat_map(|reduction| match &reduction.kind {
                ReductionKind::Extremum { with, .. } => with.clone(),
                ReductionKind::Op(_) => Vec::new(),
            })
            .collect();
        let mut reductions: Vec<Reduction> = Vec::new();
        for (local, usage, behind, outside) in carried {
            let (name, the) = (self.name(local), self.the(local));
            if outside {
                let text = format!("assigns {name}, to which there is a reference");
                return Err(one(ReasonKind::Carried, text, usage.assigned));
            }
            if noted.contains(&local) {
                continue;
            }
            match results.get(&local) {
                Some(Ok(reduction)) => reductions.push(reduction.clone()),
                Some(Err(Obstacle::FloatOrder)) => {
                    let text = format!(
                        "adds or multiplies floats into {name} in order, which only `fastmath` may change"
                    );
                    return Err(one(ReasonKind::FloatOrder, text, usage.assigned));
                }
                Some(Err(Obstacle::Overflow)) => {
                    let text = format!(
                        "panics where {name} overflows, which in another order it might not"
                    );
                    return Err(one(ReasonKind::Overflow, text, usage.assigned));
                }
                Some(Err(Obstacle::Lazy)) => {
                    let text = format!(
                        "evaluates what may panic only as long as {name} has not been decided"
                    );
                    return Err(one(ReasonKind::Carried, text, usage.assigned));
                }
                Some(Err(Obstacle::Other)) | None => {
                    let reason = match usage.exposed {
                        Some(used) => Reason {
                            kind: ReasonKind::Carried,
                            text: format!("reads {the} of the iteration before"),
                            first: usage.assigned,
                            second: used,
                        },
                        None if behind => one(
                            ReasonKind::LastValue,
                            format!("leaves {the} of its last iteration to what is behind it"),
                            usage.assigned,
                        ),
                        None => one(
                            ReasonKind::Carried,
                            format!("assigns {name} for iterations that follow"),
                            usage.assigned,
                        ),
                    };
                    return Err(reason);
                }
            }
        }
        // A noted local whose accumulator is not one after all was never met here.
        let covered = |local: &LocalId| {
            reductions.iter().any(|reduction| {
                matches!(&reduction.kind, ReductionKind::Extremum { with, .. } if with.contains(local))
            })
        };
        if let Some(local) = noted.iter().find(|local| !covered(local)) {
            let text = format!("reads {} of the iteration before", self.the(*local));
            return Err(one(
                ReasonKind::Carried,
                text,
                for_loop_span(for_loop, func),
            ));
        }
        // What is noted may be private by the letter (it is assigned and never read): then it is an accumulator's all the same.
        privates.retain(|local| !covered(local));
        Ok((privates, reductions))
    }

    /// The locals to whose own memory something outside of a block points.
    fn pointed_to_outside(&self, body: &Block) -> HashSet<LocalId> {
        let func = self.func;
        let mut inside: HashSet<ExprId> = HashSet::new();
        body.for_each_stmt(|stmt| {
            stmt.kind.for_each_expr(|expr| {
                let mut open = vec![expr];
                while let Some(expr) = open.pop() {
                    inside.insert(expr);
                    if let Some(expr) = func.exprs.get(expr) {
                        expr.kind.for_each_operand(|operand| open.push(operand));
                    }
                }
            });
        });
        let mut found = HashSet::new();
        func.body.for_each_stmt(|stmt| {
            stmt.kind.for_each_expr(|expr| {
                let mut open = vec![expr];
                while let Some(id) = open.pop() {
                    let Some(expr) = func.exprs.get(id) else {
                        continue;
                    };
                    let pointed_to = match &expr.kind {
                        ExprKind::Borrow(place) => Some(place),
                        // A part of a slice is what the slice points to, and none of the local that holds it.
                        ExprKind::SubSlice { base, .. }
                            if !matches!(place_ty(func, base), Some(Ty::Slice { .. })) =>
                        {
                            Some(base)
                        }
                        _ => None,
                    };
                    if let Some(place) = pointed_to
                        && !is_behind_pointer(func, place)
                        && !inside.contains(&id)
                    {
                        found.insert(place.local);
                    }
                    expr.kind.for_each_operand(|operand| open.push(operand));
                }
            });
        });
        found
    }

    /// Accesses to memory that several iterations reach, and that is stored to in the loop.
    fn shared_accesses(&self, accesses: Vec<Access>, own: &HashSet<LocalId>) -> Vec<Access> {
        let is_own = |memory: &Memory| matches!(memory, Memory::Own(local) if own.contains(local));
        let mut shared: Vec<Access> = accesses
            .into_iter()
            .filter(|access| match self.memory_of(&access.root) {
                Some(memory) => memory.is_empty() || !memory.iter().all(is_own),
                None => true,
            })
            .collect();
        let written: Vec<Root> = (shared.iter())
            .filter(|access| access.write)
            .map(|access| access.root.clone())
            .collect();
        shared.retain(|access| {
            access.write
                || written
                    .iter()
                    .any(|root| self.may_alias(root, &access.root))
        });
        // The same access again says nothing new.
        let mut distinct: Vec<Access> = Vec::new();
        for access in shared {
            let known = distinct.iter().any(|known| {
                known.write == access.write
                    && known.root == access.root
                    && format!("{:?}{:?}", known.steps, known.context)
                        == format!("{:?}{:?}", access.steps, access.context)
            });
            if !known {
                distinct.push(access);
            }
        }
        distinct
    }

    fn memory_of(&self, root: &Root) -> Option<BTreeSet<Memory>> {
        match root {
            Root::At(memory) => Some(BTreeSet::from([*memory])),
            Root::Behind(local) => self.points_to.targets(*local),
            Root::Among(memory) => memory.clone(),
        }
    }

    fn may_alias(&self, a: &Root, b: &Root) -> bool {
        if let (Root::Behind(a), Root::Behind(b)) = (a, b)
            && self.points_to.change_places(*a, *b)
        {
            return false;
        }
        match (self.memory_of(a), self.memory_of(b)) {
            (Some(a), Some(b)) => a.intersection(&b).next().is_some(),
            _ => true,
        }
    }

    /// Whether two accesses are to slices that are apart in all iterations, since the source has cut them from each other before the loop.
    fn are_split(&self, effects: &Effects, first: &Access, second: &Access) -> bool {
        let anywhere = |access: &Access| matches!(access.root, Root::Among(None));
        if anywhere(first) || anywhere(second) {
            return false;
        }
        let (a, b) = (first.through, second.through);
        (self.points_to).are_split(self.func, a, b, |local| effects.assigned.contains(&local))
    }

    /// That what the loop stores to is reached by one way from outside: the body becomes a function, whose parameters do not overlap.
    fn check_captures(
        &self,
        walker: &mut Walker<'_, 'p>,
        for_loop: &Loop,
        effects: &Effects,
        own: &HashSet<LocalId>,
        accesses: &[Access],
    ) -> Result<(), Reason> {
        let func = self.func;
        let mut captured: Vec<LocalId> = Vec::new();
        let mut capture = |local: LocalId| {
            if !captured.contains(&local) && !own.contains(&local) {
                captured.push(local);
            }
        };
        for_loop.body.for_each_stmt(|stmt| {
            if let Some(place) = stmt.kind.place() {
                capture(place.local);
            }
            stmt.kind.for_each_expr(|expr| {
                let mut open = vec![expr];
                while let Some(expr) = open.pop() {
                    if let Some(expr) = func.exprs.get(expr) {
                        if let Some(place) = expr.kind.place() {
                            capture(place.local);
                        }
                        expr.kind.for_each_operand(|operand| open.push(operand));
                    }
                }
            });
        });
        let mut ways: Vec<(LocalId, Pointer)> = Vec::new();
        for &local in &captured {
            let ty = &func.locals[local].ty;
            let pointer = match ty {
                Ty::Slice { .. } | Ty::Ref { .. } => walker.captured(local),
                _ if ty.has_refs() => {
                    let text = format!("uses {}, which has references in it", self.name(local));
                    return Err(one(ReasonKind::Form, text, func.locals[local].span));
                }
                Ty::Scalar(_) if !self.points_to.is_exposed(local) => continue,
                _ => Pointer::to(Root::At(Memory::Own(local))),
            };
            ways.push((local, pointer));
        }
        let moves = |local| effects.assigned.contains(&local);
        let are_split = |a, b| self.points_to.are_split(func, a, b, moves);
        // Whether something is stored to the memory of both of two.
        let stored = |ways: [LocalId; 2], both: &Root| {
            accesses.iter().filter(|access| access.write).any(|access| {
                let known = !matches!(access.root, Root::Among(None));
                self.may_alias(&access.root, both)
                    && !(known && ways.iter().any(|&way| are_split(access.through, way)))
            })
        };
        for (position, (first, one_way)) in ways.iter().enumerate() {
            for (second, other_way) in &ways[position + 1..] {
                let both = match (
                    self.memory_of(&one_way.root),
                    self.memory_of(&other_way.root),
                ) {
                    (Some(a), Some(b)) => Root::Among(Some(a.intersection(&b).copied().collect())),
                    (a, b) => Root::Among(a.or(b)),
                };
                if matches!(&both, Root::Among(Some(none)) if none.is_empty())
                    || !self.may_alias(&one_way.root, &other_way.root)
                    || !stored([*first, *second], &both)
                    || walker.apart(one_way, other_way)
                    || are_split(*first, *second)
                {
                    continue;
                }
                let (a, b) = (self.name(*first), self.name(*second));
                return Err(Reason {
                    kind: ReasonKind::Overlap,
                    text: format!("stores where {a} and {b} may overlap"),
                    first: func.locals[*first].span,
                    second: func.locals[*second].span,
                });
            }
        }
        Ok(())
    }

    /// Why two accesses are in each other's way.
    fn conflict(&self, first: &Access, second: &Access) -> Reason {
        let (write, other) = match first.write {
            true => (first, second),
            false => (second, first),
        };
        let unknown = |access: &Access| {
            let elements =
                |step: &Step| matches!(step, Step::Element(extents) if extents.is_empty());
            access.steps.iter().any(elements)
        };
        let name = self.name(write.through);
        let (kind, text) = if first.root != second.root || matches!(first.root, Root::Among(_)) {
            let other = self.name(other.through);
            let text = format!("stores through {name} where {other} may point, too");
            (ReasonKind::Overlap, text)
        } else if unknown(write) {
            let text = format!(
                "stores to an element of {name} that is known only when the loop runs, perhaps to one in several iterations"
            );
            (ReasonKind::Indirect, text)
        } else if unknown(other) {
            let text = format!(
                "stores to {name}, of which it reads elements that are known only when the loop runs"
            );
            (ReasonKind::Indirect, text)
        } else if write.steps.is_empty() {
            let text = format!("stores to what {name} is or points to in every iteration");
            (ReasonKind::Dependence, text)
        } else if other.write {
            let text = format!("may store to one element of {name} in several iterations");
            (ReasonKind::Dependence, text)
        } else {
            let text = format!("may read an element of {name} that another iteration stores");
            (ReasonKind::Dependence, text)
        };
        Reason {
            kind,
            text,
            first: write.span,
            second: other.span,
        }
    }

    /// The same with an article.
    fn the(&self, local: LocalId) -> String {
        match self.func.locals.get(local) {
            Some(local) if !local.name.starts_with('$') => format!("the `{}`", local.name),
            _ => "a temporary value".to_owned(),
        }
    }

    /// A local's name for people.
    fn name(&self, local: LocalId) -> String {
        match self.func.locals.get(local) {
            Some(local) if !local.name.starts_with('$') => format!("`{}`", local.name),
            _ => "a temporary value".to_owned(),
        }
    }
}

/// The way to a statement: the position in a block, and which block of the statement there to step into; last the position alone.
pub type LoopPath = (Vec<(usize, usize)>, usize);

/// A loop and where it stands in its function.
#[derive(Clone, Copy, Debug)]
pub struct LoopSite<'s, 'f> {
    /// The loop.
    pub stmt: &'f Stmt,
    /// The counted loops around it, outermost first.
    pub around: &'s [&'f Stmt],
    /// What may run behind it.
    pub following: &'s Following<'f>,
    /// The way to it.
    pub path: &'s LoopPath,
}

/// Calls `visit` with each counted loop of a function, outermost first; those inside of it follow if `visit` says so.
pub fn visit_loops<'f>(func: &'f Function, visit: &mut dyn FnMut(&LoopSite<'_, 'f>) -> bool) {
    let mut visitor = Visitor {
        following: Following::default(),
        around: Vec::new(),
        path: (Vec::new(), 0),
        visit,
    };
    visitor.block(&func.body, None);
}

struct Visitor<'f, 'v> {
    following: Following<'f>,
    around: Vec<&'f Stmt>,
    path: LoopPath,
    visit: &'v mut dyn FnMut(&LoopSite<'_, 'f>) -> bool,
}

impl<'f> Visitor<'f, '_> {
    fn block(&mut self, block: &'f Block, around: Option<&'f Stmt>) {
        for (position, stmt) in block.stmts.iter().enumerate() {
            self.following.enter(&block.stmts[position + 1..], around);
            self.stmt(stmt, position);
            self.following.leave();
        }
    }

    fn stmt(&mut self, stmt: &'f Stmt, position: usize) {
        if matches!(stmt.kind, StmtKind::For(_)) {
            self.path.1 = position;
            let site = LoopSite {
                stmt,
                around: &self.around,
                following: &self.following,
                path: &self.path,
            };
            if !(self.visit)(&site) {
                return;
            }
            self.around.push(stmt);
        }
        let repeats = match &stmt.kind {
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. } => Some(stmt),
            _ => None,
        };
        for (number, inner) in stmt.kind.blocks().enumerate() {
            self.path.0.push((position, number));
            self.block(inner, repeats);
            self.path.0.pop();
        }
        if matches!(stmt.kind, StmtKind::For(_)) {
            self.around.pop();
        }
    }
}

fn for_loop_span(for_loop: &Loop, func: &Function) -> Span {
    func.span_of(for_loop.start)
}

fn one(kind: ReasonKind, text: String, span: Span) -> Reason {
    Reason {
        kind,
        text,
        first: span,
        second: span,
    }
}

/// Drops conditions that follow from others.
fn simplify(symbols: &Symbols, conditions: &mut Conditions) {
    let mut known = Context::default();
    let is_bound = |claim: &Poly| claim.degree() == 1 && claim.symbols().len() == 1;
    conditions.sort_by_key(|claim| !is_bound(claim));
    let bounds = conditions.iter().filter(|claim| is_bound(claim)).count();
    for bound in &conditions[..bounds] {
        known.assume(symbols, bound, &Vec::new());
    }
    let mut index = bounds;
    while index < conditions.len() {
        let claim = conditions.remove(index);
        if !known.follows(symbols, &claim, conditions) {
            conditions.insert(index, claim);
            index += 1;
        }
    }
}
