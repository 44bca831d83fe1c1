//! Elimination in blocks: several iterations of an outer loop that each change all of what is left of a matrix.
//!
//! ```text
//! for k in s..e {                           for b in s..e step 32 { let c = b + 32;
//!     for i in k + 1..n {                       for k in b..c { for i in k + 1..c { near; for j in k + 1..n { far } } }      // A
//!         near: a[i, k] /= a[k, k];      →      for i in c..n { for k in b..c { near; for j in k + 1..c { far } } }          // B
//!         for j in k + 1..n {                   for i in c..n { for k in b..c { for j in c..n { far } } }                    // C
//!             far: a[i, j] -= a[i, k] * a[k, j];
//!         }                                 }
//!     }
//! }
//! ```
//!
//! The nest goes through the whole matrix for each `k`, which takes as long as memory does. Its last part here, which is nearly all of it, is a product
//! of matrices, and register blocks compute it as such ([`crate::transform::register_blocks`]). Each element gets its updates in the order of `k` as before, so that this is the same to the bit.
//!
//! # Why that is legal
//!
//! The iterations are the same, in another order. Two of them change their order if the first one, `(k, i)`, and the second one, `(k', i')`, are
//!
//! - in B or C, and in A, with `k < k'`;
//! - both in B or both in C, with `k < k'` and `i > i'`;
//! - in C, and in B, with `k < k'`, or with `k = k'` and `i < i'`.
//!
//! For each of these a system of differences says whether two accesses, one of which is a store, can reach the same element. A name that `near` gives to a
//! value and `far` uses is replaced by the element that `near` stores the value to, provided that `far` does not store there.

use super::legality::{Condition, conditions, row_lengths, subscripts_of};
use super::reader::{Access, Reader};
use super::scalars::{exposed, for_each_local};
use super::{SMALL, is_plain, number, write_conditions};
use crate::analysis::dependence::Subscripts;
use crate::analysis::differences::{AtLeast, Differences, Unknown};
use crate::analysis::effects::Effects;
use crate::analysis::poly::Symbol;
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Label, Loop, LoopHints, Stmt, StmtKind};
use crate::transform::copy::{Copier, next_label};
use crate::transform::edit::Edit;
use crate::ty::Ty;

/// How many iterations of the outer loop are a block. Parts A and B are about 1.5 times this, over the matrix's size, of the work, and
/// part C reads and writes its elements once for so many updates: with 500 rows, 32 takes the least time.
const BLOCK: u64 = if cfg!(test) { 4 } else { 32 };
/// Part C has at least so many rows and columns, or the block runs as it was.
const LEAST: u64 = if cfg!(test) { 3 } else { 40 };

/// The first and the last iteration of a block, plus one.
const FROM: Unknown = Unknown::Other(0);
const TO: Unknown = Unknown::Other(1);

/// The loops of the nest.
struct Loops<'s> {
    k: &'s Loop,
    i: &'s Loop,
    near: &'s [Stmt],
    j: &'s Loop,
    spans: [crate::Span; 2],
}

fn loops_of(stmt: &Stmt) -> Option<Loops<'_>> {
    let StmtKind::For(k) = &stmt.kind else {
        return None;
    };
    let [middle] = k.body.stmts.as_slice() else {
        return None;
    };
    let StmtKind::For(i) = &middle.kind else {
        return None;
    };
    let (last, near) = i.body.stmts.split_last()?;
    let StmtKind::For(j) = &last.kind else {
        return None;
    };
    let assigns =
        |stmts: &[Stmt]| (stmts.iter()).all(|stmt| matches!(stmt.kind, StmtKind::Assign { .. }));
    (assigns(near) && assigns(&j.body.stmts) && !j.body.stmts.is_empty()).then_some(Loops {
        k,
        i,
        near,
        j,
        spans: [middle.span, last.span],
    })
}

/// What to do with a nest.
pub(super) struct Plan {
    conditions: Vec<Condition>,
    /// What `far` is where names are replaced by elements.
    far: Vec<Stmt>,
    /// The statements of `near` that only name numbers of rows.
    names: Vec<usize>,
}

/// Whether a loop has the form at all: for the search, which changes nothing.
pub(super) fn has_form(func: &Function, stmt: &Stmt) -> bool {
    loops_of(stmt).is_some_and(|loops| {
        [loops.k, loops.i, loops.j]
            .into_iter()
            .all(|each| is_plain(func, each) && func.locals[each.var].ty == Ty::USIZE)
    })
}

/// The plan for a nest of this form, if it is legal. No local that it assigns is read behind it. The function only gets expressions that nothing uses.
pub(super) fn plan(func: &mut Function, stmt: &Stmt) -> Option<Plan> {
    let effects = Effects::of_stmt(func, stmt);
    if effects.traps || effects.leaves || effects.calls || effects.host_calls {
        return None;
    }
    let loops = loops_of(stmt)?;
    let float = loops.j.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Assign { place, value } => {
            let ty = func.exprs[*value].ty.as_scalar();
            !place.projections.is_empty() && ty.is_some_and(|ty| ty.is_float())
        }
        _ => false,
    });
    let carried = exposed(func, &loops.k.body.stmts);
    if !float || effects.assigned.iter().any(|local| carried.contains(local)) {
        return None;
    }
    // Names of rows, and values that are elements, too.
    let mut names = Vec::new();
    let mut elements: Vec<(LocalId, Place)> = Vec::new();
    let used = exposed(func, &loops.j.body.stmts);
    for (position, stmt) in loops.near.iter().enumerate() {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let once = |local: LocalId| {
            let mut count = 0;
            loops.k.body.for_each_stmt(|stmt| {
                let place = stmt.kind.place();
                count += usize::from(place.is_some_and(|place| place.local == local));
            });
            count == 1
        };
        match place.projections.as_slice() {
            [] if used.contains(&place.local) => {
                let local = place.local;
                if !once(local) {
                    return None;
                }
                match stored_to(func, &loops.near[position + 1..], local) {
                    Some(element) => elements.push((local, element)),
                    None => {
                        let mut plain = !loads_elements(func, *value);
                        for_each_local(func, *value, &mut |local| {
                            let named = names.iter().any(|&name: &usize| {
                                loops.near[name].kind.place().map(|place| place.local)
                                    == Some(local)
                            });
                            plain &= named || !effects.assigned.contains(&local);
                        });
                        plain.then_some(())?;
                        names.push(position);
                    }
                }
            }
            _ => {}
        }
    }
    // An element's index may use names.
    let index_is_known = |func: &Function, place: &Place| {
        let mut known = true;
        place.for_each_index(|index| {
            known &= !loads_elements(func, index);
            for_each_local(func, index, &mut |local| {
                let named = names.iter().any(|&name| {
                    loops.near[name].kind.place().map(|place| place.local) == Some(local)
                });
                known &= named || !effects.assigned.contains(&local);
            });
        });
        known
    };
    if !(elements.iter()).all(|(_, place)| index_is_known(func, place)) {
        return None;
    }
    let mut edit = Edit::with_labels(func, stmt.span, 0);
    let far = (loops.j.body.stmts.iter())
        .map(|stmt| replace(&mut edit, stmt, &elements))
        .collect::<Option<Vec<_>>>()?;
    let mut replaced = stmt.clone();
    if let StmtKind::For(k) = &mut replaced.kind
        && let Some(StmtKind::For(i)) = k.body.stmts.first_mut().map(|stmt| &mut stmt.kind)
        && let Some(StmtKind::For(j)) = i.body.stmts.last_mut().map(|stmt| &mut stmt.kind)
    {
        j.body.stmts.clone_from(&far);
    }
    let has_elements = !elements.is_empty();
    let conditions = check(func, &replaced, &effects, has_elements)?;
    Some(Plan {
        conditions,
        far,
        names,
    })
}

/// The element that a local is stored to, if nothing behind stores to its slice again.
fn stored_to(func: &Function, stmts: &[Stmt], local: LocalId) -> Option<Place> {
    let stores = |stmt: &Stmt| {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let ExprKind::Load(from) = &func.exprs.get(*value)?.kind else {
            return None;
        };
        let whole = from.projections.is_empty() && from.local == local;
        let element = matches!(place.projections.as_slice(), [Projection::Index { .. }]);
        (whole && element).then(|| place.clone())
    };
    let position = stmts.iter().position(|stmt| stores(stmt).is_some())?;
    let place = stores(&stmts[position])?;
    let again = |stmt: &Stmt| {
        stmt.kind
            .place()
            .is_some_and(|other| other.local == place.local)
    };
    (!stmts[position + 1..].iter().any(again)).then_some(place)
}

fn replace(edit: &mut Edit<'_>, stmt: &Stmt, elements: &[(LocalId, Place)]) -> Option<Stmt> {
    let StmtKind::Assign { place, value } = &stmt.kind else {
        return None;
    };
    let mut load = |edit: &mut Edit<'_>, id: ExprId| {
        let ExprKind::Load(place) = &edit.func.exprs[id].kind else {
            return None;
        };
        let local = place.local;
        let plain = place.projections.is_empty();
        let (_, element) = elements
            .iter()
            .find(|(known, _)| plain && *known == local)?;
        let mut element = element.clone();
        for step in &mut element.projections {
            if let Projection::Index { index, .. } = step {
                *index = edit.copy(*index, &mut |_, _| None);
            }
        }
        Some(edit.load_place(element))
    };
    let value = edit.copy(*value, &mut load);
    let mut place = place.clone();
    for step in &mut place.projections {
        if let Projection::Index { index, .. } = step {
            *index = edit.copy(*index, &mut load);
        }
    }
    Some(Stmt {
        kind: StmtKind::Assign { place, value },
        span: stmt.span,
    })
}

pub(in crate::transform) fn loads_elements(func: &Function, id: ExprId) -> bool {
    let Some(expr) = func.exprs.get(id) else {
        return true;
    };
    let mut loads = (expr.kind.place()).is_some_and(|place| !place.projections.is_empty());
    expr.kind
        .for_each_operand(|operand| loads = loads || loads_elements(func, operand));
    loads
}

/// The parts of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    A,
    B,
    C,
}

fn check(
    func: &Function,
    stmt: &Stmt,
    effects: &Effects,
    has_elements: bool,
) -> Option<Vec<Condition>> {
    let loops = loops_of(stmt)?;
    let mut reader = Reader::new(func, effects);
    let k = reader.read(loops.k, 0)?;
    let i = reader.scope.var(loops.i)?;
    let j = reader.scope.var(loops.j)?;
    // Both inner ranges begin at `k` or behind it, and end where they end for all.
    for each in [loops.i, loops.j] {
        let (symbol, number) = reader.simple(each.start)?;
        let mut fixed = true;
        for_each_local(func, each.start, &mut |local| {
            fixed &= !effects.assigned.contains(&local);
        });
        for_each_local(func, each.end, &mut |local| {
            fixed &= !effects.assigned.contains(&local) && !effects.vars.contains(&local);
        });
        if symbol != Some(k) || !(0..=1).contains(&number) || !fixed {
            return None;
        }
    }
    let lengths = row_lengths(&reader)?;
    let subscripts = subscripts_of(&reader, &lengths)?;
    let order = Order {
        reader: &reader,
        vars: [k, i, j],
    };
    let (same, later, earlier) = (Relation::Same, Relation::Later, Relation::Earlier);
    let any = Relation::Any;
    let changes = [
        (Part::B, Part::A, [later, any]),
        (Part::C, Part::A, [later, any]),
        (Part::B, Part::B, [later, earlier]),
        (Part::C, Part::B, [later, any]),
        (Part::C, Part::B, [same, later]),
        (Part::C, Part::C, [later, earlier]),
    ];
    for (first, at) in reader.accesses.iter().zip(&subscripts) {
        for (second, other) in reader.accesses.iter().zip(&subscripts) {
            if first.slice != second.slice || !(first.write || second.write) {
                continue;
            }
            for (of_first, of_second, relations) in changes {
                let meets = order.meets(
                    (first, at, Some(of_first)),
                    (second, other, Some(of_second)),
                    relations,
                );
                if meets {
                    return None;
                }
            }
            // Elements in place of names: nothing that `far` stores is one of them, or the values that it stores are the ones that it would read.
            let replaced = has_elements
                && first.write
                && first.loops == 3
                && second.loops == 3
                && !second.write
                && at != other
                && order.meets((first, at, None), (second, other, None), [same, same]);
            if replaced {
                return None;
            }
            // An element that `far` stores to does not stand for a name. (`near` stored the value there.)
            let shadowed = has_elements
                && (first.write && first.loops == 3)
                && (second.write && second.loops == 2)
                && at == other;
            if shadowed {
                return None;
            }
        }
    }
    conditions(&reader, k, &subscripts, &lengths)
}

/// How a variable in the second iteration is related to that in the first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Any,
    Same,
    Later,
    Earlier,
}

struct Order<'r, 'f> {
    reader: &'r Reader<'f>,
    vars: [Symbol; 3],
}

impl Order<'_, '_> {
    /// Whether two accesses in these parts may reach one element, where `k` and `i` are related so.
    fn meets(
        &self,
        (first, at, of_first): (&Access, &Subscripts, Option<Part>),
        (second, other, of_second): (&Access, &Subscripts, Option<Part>),
        relations: [Relation; 2],
    ) -> bool {
        let reader = self.reader;
        let [k, i, j] = self.vars;
        let mut system = Differences::default();
        let own = |symbol, side| reader.unknown(Some(symbol), side);
        for (var, relation) in [k, i].into_iter().zip(relations) {
            let (x, y) = (own(var, 1), own(var, 2));
            match relation {
                Relation::Any => {}
                Relation::Same => system.equal(x, y, 0),
                Relation::Later => system.at_least(AtLeast {
                    first: y,
                    second: x,
                    number: 1,
                }),
                Relation::Earlier => system.at_least(AtLeast {
                    first: x,
                    second: y,
                    number: 1,
                }),
            }
        }
        for (access, side, part) in [(first, 1, of_first), (second, 2, of_second)] {
            let mut at_least = |first, second, number| {
                system.at_least(AtLeast {
                    first,
                    second,
                    number,
                });
            };
            at_least(own(k, side), FROM, 0);
            at_least(TO, own(k, side), 1);
            let far = access.loops == 3;
            match part {
                Some(Part::A) => at_least(TO, own(i, side), 1),
                Some(Part::B) => {
                    at_least(own(i, side), TO, 0);
                    if far {
                        at_least(TO, own(j, side), 1);
                    }
                }
                Some(Part::C) => {
                    if !far {
                        // What is near is in A or B.
                        return false;
                    }
                    at_least(own(i, side), TO, 0);
                    at_least(own(j, side), TO, 0);
                }
                None => {}
            }
            for &bound in &access.bounds {
                let bound = reader.bound(bound, side);
                at_least(bound.first, bound.second, bound.number);
            }
        }
        for (a, b) in [(at.row, other.row), (at.column, other.column)] {
            let (x, y) = (reader.unknown(a.symbol, 1), reader.unknown(b.symbol, 2));
            system.equal(x, y, b.offset - a.offset);
        }
        system.close().is_some()
    }
}

impl Plan {
    pub(super) fn write(&self, func: &mut Function, original: &Stmt) -> Option<Vec<Stmt>> {
        let loops = loops_of(original)?;
        let label = next_label(func);
        let mut edit = Edit::with_labels(func, original.span, label);
        let names = ["start", "end", "rows", "columns"];
        let [lo, hi, rows, columns] = names.map(|name| edit.temporary(name, Ty::USIZE));
        let mut stmts = vec![edit.set(lo, loops.k.start), edit.set(hi, loops.k.end)];
        for (local, end) in [(rows, loops.i.end), (columns, loops.j.end)] {
            let value = edit.copy(end, &mut |_, _| None);
            stmts.push(edit.set(local, value));
        }
        let fits = edit.temporary("fits", Ty::BOOL);
        let mut all = vec![write_conditions(
            &self.conditions,
            &mut edit,
            hi,
            &Ty::USIZE,
        )];
        for limit in [rows, columns, hi] {
            let (value, limit) = (edit.load(limit), number(&mut edit, &Ty::USIZE, SMALL));
            all.push(edit.binary(BinaryOp::Lt, value, limit));
        }
        let value = edit.all(all);
        stmts.push(edit.set(fits, value));

        // The block, and whether it is worth it.
        let from = edit.counter("block");
        let [to, split] = ["to", "split"].map(|name| edit.temporary(name, Ty::USIZE));
        let value = {
            let (hi, from_value) = (edit.load(hi), edit.load(from));
            let left = edit.sub(hi, from_value);
            let most = edit.usize(BLOCK);
            let count = edit.min(left, most);
            let from = edit.load(from);
            edit.add(from, count)
        };
        let mut block = vec![edit.set(to, value)];
        let mut all = vec![edit.load(fits)];
        let enough = {
            let (to, from) = (edit.load(to), edit.load(from));
            let count = edit.sub(to, from);
            let least = edit.usize(BLOCK / 2);
            edit.binary(BinaryOp::Ge, count, least)
        };
        all.push(enough);
        for end in [rows, columns] {
            let to = edit.load(to);
            let (least, end) = (edit.add_const(to, LEAST), edit.load(end));
            all.push(edit.binary(BinaryOp::Le, least, end));
        }
        let worth = edit.all(all);
        let value = edit.load(rows);
        block.push(edit.set(split, value));
        let value = edit.load(to);
        let set_split = edit.set(split, value);

        let mut blocked = vec![set_split];
        let part_b = {
            let mut copier = Copier::with_labels_from(u32::MAX / 2);
            let vars = self.rename(&mut edit, &mut copier, &loops);
            let mut body: Vec<Stmt> = (loops.near.iter())
                .map(|stmt| copier.copy_stmt(edit.func, stmt))
                .collect();
            let start = copier.copy_expr(edit.func, loops.j.start);
            let end = edit.load(to);
            let inner = (loops.j.body.stmts.iter())
                .map(|stmt| copier.copy_stmt(edit.func, stmt))
                .collect();
            body.push(nested(
                &mut edit,
                vars[2],
                (start, end),
                loops.j,
                inner,
                loops.spans[1],
            ));
            self.around(&mut edit, &loops, vars, (from, to, rows), body)
        };
        let part_c = {
            let mut copier = Copier::with_labels_from(u32::MAX / 2);
            let vars = self.rename(&mut edit, &mut copier, &loops);
            let mut body: Vec<Stmt> = (self.names.iter())
                .filter_map(|&name| loops.near.get(name))
                .map(|stmt| copier.copy_stmt(edit.func, stmt))
                .collect();
            let bounds = (edit.load(to), edit.load(columns));
            let inner = (self.far.iter())
                .map(|stmt| copier.copy_stmt(edit.func, stmt))
                .collect();
            body.push(nested(
                &mut edit,
                vars[2],
                bounds,
                loops.j,
                inner,
                loops.spans[1],
            ));
            self.around(&mut edit, &loops, vars, (from, to, rows), body)
        };
        // A comes first, as far as it goes.
        let again = edit.temporary("blocked", Ty::BOOL);
        block.push(edit.set(again, worth));
        let cond = edit.load(again);
        block.push(edit.if_then(cond, std::mem::take(&mut blocked), Vec::new()));
        let mut part_a = loops.k.clone();
        part_a.start = edit.load(from);
        part_a.end = edit.load(to);
        if let Some(StmtKind::For(i)) = part_a.body.stmts.first_mut().map(|stmt| &mut stmt.kind) {
            i.end = edit.load(split);
        }
        block.push(edit.stmt(StmtKind::For(part_a)));
        let cond = edit.load(again);
        block.push(edit.if_then(cond, vec![part_b, part_c], Vec::new()));
        let bounds = (edit.load(lo), edit.load(hi), BLOCK);
        stmts.push(edit.for_loop(from, bounds, LoopHints::default(), block));
        Some(stmts)
    }

    /// New variables for a copy of the nest: those of `k`, `i` and `j`. Locals are shared, as each part assigns them before it uses them.
    fn rename(&self, edit: &mut Edit<'_>, copier: &mut Copier, loops: &Loops<'_>) -> [LocalId; 3] {
        [loops.k, loops.i, loops.j].map(|each| {
            let name = edit.func.locals[each.var].name.clone();
            let var = edit.counter(name.trim_start_matches('$'));
            copier.rename(each.var, var);
            var
        })
    }

    /// `for i in to..rows { for k in from..to { body } }`
    fn around(
        &self,
        edit: &mut Edit<'_>,
        loops: &Loops<'_>,
        [k, i, _]: [LocalId; 3],
        (from, to, rows): (LocalId, LocalId, LocalId),
        body: Vec<Stmt>,
    ) -> Stmt {
        let bounds = (edit.load(from), edit.load(to));
        let over_k = nested(edit, k, bounds, loops.k, body, loops.spans[0]);
        let bounds = (edit.load(to), edit.load(rows));
        nested(edit, i, bounds, loops.i, vec![over_k], loops.spans[0])
    }
}

/// The label of the last loop in what [`Plan::write`] has made: part C.
pub(super) fn product(stmts: &[Stmt]) -> Option<Label> {
    let StmtKind::For(blocks) = &stmts.last()?.kind else {
        return None;
    };
    let StmtKind::If { then, .. } = &blocks.body.stmts.last()?.kind else {
        return None;
    };
    match &then.stmts.last()?.kind {
        StmtKind::For(product) => Some(product.label),
        _ => None,
    }
}

/// A loop like another one, over another range.
fn nested(
    edit: &mut Edit<'_>,
    var: LocalId,
    (start, end): (ExprId, ExprId),
    like: &Loop,
    stmts: Vec<Stmt>,
    span: crate::Span,
) -> Stmt {
    let label = edit.label();
    let step = edit.usize(1);
    let body = Block { stmts };
    let kind = StmtKind::For(Loop {
        label,
        var,
        start,
        end,
        step,
        inclusive: false,
        reversed: false,
        request: like.request,
        hints: like.hints,
        body,
    });
    Stmt { kind, span }
}
