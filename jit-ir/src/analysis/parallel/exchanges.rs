//! Slices that change places: `(a, b) = (b, a)`, `std::mem::swap(&mut a, &mut b)`, rotations of three.
//!
//! Each of them may point into what any other one was made from, but no two of them into the same at one time: they start at what different parameters
//! point to, and from then on are only permuted.

use std::collections::{HashMap, HashSet};

use crate::analysis::effects::{exposed_locals, is_behind_pointer};
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Stmt, StmtKind};
use crate::ty::Ty;

/// Copies of pointers that follow each other immediately: what each local that is assigned is in the end, in terms of what locals were before.
struct Run {
    values: HashMap<LocalId, LocalId>,
    /// Whether it is a part of the function's own block, which runs once.
    once: bool,
}

/// Locals of which no two point to the same memory while both are in use.
pub(super) fn changing_places(func: &Function) -> HashSet<LocalId> {
    let mut search = Search {
        func,
        runs: Vec::new(),
        otherwise: exposed_locals(func),
    };
    search.block(&func.body, true);
    let Search {
        runs, otherwise, ..
    } = search;
    let is_assigned = |local: LocalId| {
        otherwise.contains(&local) || runs.iter().any(|run| run.values.contains_key(&local))
    };
    let is_memory = |local: LocalId| {
        let data = match &func.locals[local].ty {
            Ty::Slice { elem, .. } => !elem.has_refs(),
            _ => false,
        };
        data && func.params.contains(&local)
    };
    // What each starts as, and in which run.
    let mut starts: HashMap<LocalId, (LocalId, Option<usize>)> = HashMap::new();
    let mut none: HashSet<LocalId> = otherwise.clone();
    for &param in &func.params {
        if is_memory(param) && is_assigned(param) {
            starts.insert(param, (param, None));
        }
    }
    for (number, run) in runs.iter().enumerate() {
        for (&local, &value) in &run.values {
            if !is_memory(value) || is_assigned(value) {
                continue;
            }
            let again = starts.insert(local, (value, Some(number))).is_some();
            if again || !run.once {
                none.insert(local);
            }
        }
    }
    let mut group: HashSet<LocalId> = starts.keys().copied().collect();
    group.retain(|local| !none.contains(local));
    loop {
        let before = group.len();
        // Different memory to begin with.
        let same: Vec<LocalId> = (group.iter())
            .filter(|local| {
                let of = starts[*local].0;
                (group.iter()).any(|other| other != *local && starts[other].0 == of)
            })
            .copied()
            .collect();
        group.retain(|local| !same.contains(local));
        for (number, run) in runs.iter().enumerate() {
            let changes = |local: &&LocalId| {
                run.values.contains_key(*local) && starts[*local].1 != Some(number)
            };
            let changed: Vec<LocalId> = group.iter().filter(changes).copied().collect();
            let values: HashSet<LocalId> = changed.iter().map(|local| run.values[local]).collect();
            // A permutation of those that change.
            if values != changed.iter().copied().collect() {
                group.retain(|local| !changed.contains(local));
            }
        }
        if group.len() == before {
            return group;
        }
    }
}

struct Search<'f> {
    func: &'f Function,
    runs: Vec<Run>,
    /// Locals that change in another way.
    otherwise: HashSet<LocalId>,
}

impl Search<'_> {
    fn block(&mut self, block: &Block, once: bool) {
        let mut values = HashMap::new();
        for stmt in &block.stmts {
            if let Some((to, from)) = self.copy(stmt) {
                let value = values.get(&from).copied().unwrap_or(from);
                values.insert(to, value);
                continue;
            }
            self.end(&mut values, once);
            if let Some(place) = stmt.kind.place()
                && !is_behind_pointer(self.func, place)
            {
                self.otherwise.insert(place.local);
            }
            for inner in stmt.kind.blocks() {
                self.block(inner, false);
            }
        }
        self.end(&mut values, once);
    }

    fn end(&mut self, values: &mut HashMap<LocalId, LocalId>, once: bool) {
        if !values.is_empty() {
            let values = std::mem::take(values);
            self.runs.push(Run { values, once });
        }
    }

    /// `to = from`, or `to = &mut from[..]`.
    fn copy(&self, stmt: &Stmt) -> Option<(LocalId, LocalId)> {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let to = self.slice(place)?;
        Some((to, self.copied(*value)?))
    }

    fn copied(&self, value: ExprId) -> Option<LocalId> {
        match &self.func.exprs.get(value)?.kind {
            ExprKind::Load(place)
            | ExprKind::SubSlice {
                base: place,
                start: None,
                end: None,
                ..
            } => self.slice(place),
            _ => None,
        }
    }

    fn slice(&self, place: &Place) -> Option<LocalId> {
        let ty = &self.func.locals.get(place.local)?.ty;
        let whole = place.projections.is_empty() && matches!(ty, Ty::Slice { .. });
        whole.then_some(place.local)
    }
}
