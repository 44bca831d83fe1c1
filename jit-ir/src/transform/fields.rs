//! Locals of several fields that a loop assigns one by one become a local for each field, so that each can be an accumulator:
//!
//! ```text
//! sums = (0, 1); for i { sums.0 += x[i]; sums.1 ^= x[i]; } return sums;
//!     →      s0 = 0; s1 = 1; for i { s0 += x[i]; s1 ^= x[i]; } return (s0, s1);
//! ```
//!
//! Of tuples, structs and short arrays whose indices are constants. A local that something points to, or that a function returns, stays as it is.

use std::collections::{HashMap, HashSet};

use super::edit::Edit;
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, Local, LocalId};
use crate::stmt::{Block, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::Ty;

/// Fields of fields become locals in as many rounds.
const MOST_ROUNDS: usize = 4;
/// The most parts of a local; each is a name in a report.
const MOST_PARTS: usize = 16;

/// Splits the locals of a function that loops assign field by field.
pub(super) fn run(func: &mut Function) {
    for _ in 0..MOST_ROUNDS {
        let whole = candidates(func);
        if whole.is_empty() {
            return;
        }
        let split: HashMap<LocalId, Vec<LocalId>> = (whole.into_iter())
            .filter_map(|local| Some((local, parts(func, local)?)))
            .collect();
        let body = std::mem::take(&mut func.body);
        func.body = Splitter { split: &split }.block(func, body);
    }
}

/// How many parts a type has, and which one a first step leads to.
fn n_parts(ty: &Ty) -> Option<usize> {
    let n = match ty {
        Ty::Tuple(elems) => elems.len(),
        Ty::Struct(of) if !of.overlaps => of.fields.len(),
        Ty::Array { len, .. } => usize::try_from(*len).ok()?,
        _ => return None,
    };
    (1..=MOST_PARTS).contains(&n).then_some(n)
}

fn part_of(func: &Function, place: &Place) -> Option<usize> {
    let part = match place.projections.first()? {
        Projection::Field(field) => *field as usize,
        Projection::Index { index, .. } => match func.exprs.get(*index)?.kind {
            ExprKind::Const(ConstValue::Int(index)) => usize::try_from(index).ok()?,
            _ => return None,
        },
        Projection::Deref => return None,
    };
    let n = n_parts(&func.locals.get(place.local)?.ty)?;
    (part < n).then_some(part)
}

/// The locals that can be split, and of which a loop assigns a part.
fn candidates(func: &Function) -> Vec<LocalId> {
    let mut assigned: HashSet<LocalId> = HashSet::new();
    func.body.for_each_stmt(|stmt| {
        let is_loop = matches!(
            stmt.kind,
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. }
        );
        if !is_loop {
            return;
        }
        for body in stmt.kind.blocks() {
            body.for_each_stmt(|inner| {
                if let StmtKind::Assign { place, .. } = &inner.kind
                    && part_of(func, place).is_some()
                    && !func.params.contains(&place.local)
                {
                    assigned.insert(place.local);
                }
            });
        }
    });
    if assigned.is_empty() {
        return Vec::new();
    }
    func.body
        .for_each_stmt(|stmt| retain_divisible(func, stmt, &mut assigned));
    let mut found: Vec<LocalId> = assigned.into_iter().collect();
    found.sort_unstable();
    found
}

/// Drops the locals that a statement uses in another way than by parts, or as a value that can be built from them.
fn retain_divisible(func: &Function, stmt: &Stmt, found: &mut HashSet<LocalId>) {
    let is_divided = |place: &Place| part_of(func, place).is_some();
    match &stmt.kind {
        StmtKind::Assign { place, value } => {
            if !is_divided(place) {
                let from_parts = match &func.exprs[*value].kind {
                    ExprKind::Tuple(_) | ExprKind::Struct(_) | ExprKind::Array(_) => true,
                    ExprKind::Repeat(_) | ExprKind::Zeroed => true,
                    ExprKind::Load(from) => {
                        let is_fixed = |step| !matches!(step, &Projection::Index { .. });
                        from.projections.iter().all(is_fixed) && from.local != place.local
                    }
                    _ => false,
                };
                if !place.projections.is_empty() || !from_parts {
                    found.remove(&place.local);
                }
            }
        }
        kind => {
            if let Some(place) = kind.place()
                && !is_divided(place)
            {
                found.remove(&place.local);
            }
        }
    }
    // What is passed as a whole may be passed by its address.
    let passes = matches!(
        stmt.kind,
        StmtKind::Call { .. } | StmtKind::HostCall { .. } | StmtKind::Parallel(_)
    );
    stmt.kind.for_each_expr(|root| {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let Some(expr) = func.exprs.get(id) else {
                continue;
            };
            if let Some(place) = expr.kind.place() {
                let whole = place.projections.is_empty();
                let is_value = matches!(expr.kind, ExprKind::Load(_));
                if !(is_value && (is_divided(place) || whole && !passes)) {
                    found.remove(&place.local);
                }
            }
            expr.kind.for_each_operand(|operand| open.push(operand));
        }
    });
}

/// Locals for the parts of one.
fn parts(func: &mut Function, local: LocalId) -> Option<Vec<LocalId>> {
    let whole = func.locals.get(local)?.clone();
    let n = n_parts(&whole.ty)?;
    let part = |number: usize| -> Option<Local> {
        let (name, ty) = match &whole.ty {
            Ty::Array { elem, .. } => (format!("{}[{number}]", whole.name), (**elem).clone()),
            Ty::Struct(of) => {
                let field = of.fields.get(number)?;
                (format!("{}.{}", whole.name, field.name), field.ty.clone())
            }
            ty => {
                let ty = ty.field(number as u32)?.clone();
                (format!("{}.{number}", whole.name), ty)
            }
        };
        Some(Local {
            name,
            ty,
            ..whole.clone()
        })
    };
    let parts: Option<Vec<Local>> = (0..n).map(part).collect();
    Some(
        parts?
            .into_iter()
            .map(|part| func.locals.push(part))
            .collect(),
    )
}

struct Splitter<'s> {
    split: &'s HashMap<LocalId, Vec<LocalId>>,
}

impl Splitter<'_> {
    fn block(&self, func: &mut Function, block: Block) -> Block {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for stmt in block.stmts {
            self.stmt(func, stmt, &mut stmts);
        }
        Block { stmts }
    }

    fn stmt(&self, func: &mut Function, mut stmt: Stmt, to: &mut Vec<Stmt>) {
        let mut roots = Vec::new();
        stmt.kind.for_each_expr(|expr| roots.push(expr));
        for root in roots {
            self.expr(func, root, stmt.span);
        }
        for block in stmt.kind.blocks_mut() {
            *block = self.block(func, std::mem::take(block));
        }
        if let Some(place) = stmt.kind.place_mut()
            && let Some(parts) = self.split.get(&place.local)
        {
            match part_of(func, place) {
                Some(part) => {
                    place.local = parts[part];
                    place.projections.remove(0);
                }
                None => {
                    if let StmtKind::Assign { value, .. } = stmt.kind {
                        let mut edit = Edit::new(func, stmt.span);
                        assign(&mut edit, parts, value, to);
                    }
                    return;
                }
            }
        }
        to.push(stmt);
    }

    fn expr(&self, func: &mut Function, id: ExprId, span: crate::Span) {
        let mut operands = Vec::new();
        func.exprs[id]
            .kind
            .for_each_operand(|operand| operands.push(operand));
        for operand in operands {
            self.expr(func, operand, span);
        }
        let ExprKind::Load(place) = &func.exprs[id].kind else {
            return;
        };
        let Some(parts) = self.split.get(&place.local) else {
            return;
        };
        let part = part_of(func, place);
        let whole = func.exprs[id].ty.clone();
        match (part, &mut func.exprs[id].kind) {
            (Some(part), ExprKind::Load(place)) => {
                place.local = parts[part];
                place.projections.remove(0);
            }
            _ => {
                let span = match func.span_of(id) {
                    crate::Span::UNKNOWN => span,
                    known => known,
                };
                let mut edit = Edit::new(func, span);
                let values = parts.iter().map(|&part| edit.load(part)).collect();
                func.exprs[id].kind = match whole {
                    Ty::Struct(_) => ExprKind::Struct(values),
                    Ty::Array { .. } => ExprKind::Array(values),
                    _ => ExprKind::Tuple(values),
                };
            }
        }
    }
}

/// Assigns to each part its part of a value; none of them is read behind the first assignment.
fn assign(edit: &mut Edit<'_>, parts: &[LocalId], value: ExprId, to: &mut Vec<Stmt>) {
    let ty_of = |edit: &Edit<'_>, part: LocalId| edit.func.locals[part].ty.clone();
    // What is left of it is used no more, and has no operands.
    match std::mem::replace(&mut edit.func.exprs[value].kind, ExprKind::Zeroed) {
        ExprKind::Tuple(values) | ExprKind::Struct(values) | ExprKind::Array(values) => {
            let reads = values
                .iter()
                .any(|&value| reads_any(edit.func, value, parts));
            if !reads || values.len() == 1 {
                for (&part, value) in parts.iter().zip(values) {
                    to.push(edit.set(part, value));
                }
                return;
            }
            let mut kept = Vec::new();
            for (&part, value) in parts.iter().zip(values) {
                let ty = ty_of(edit, part);
                let new = edit.temporary("part", ty);
                to.push(edit.set(new, value));
                kept.push(new);
            }
            for (&part, kept) in parts.iter().zip(kept) {
                let value = edit.load(kept);
                to.push(edit.set(part, value));
            }
        }
        ExprKind::Repeat(value) => {
            let ty = edit.func.exprs[value].ty.clone();
            let one = edit.temporary("part", ty);
            to.push(edit.set(one, value));
            for &part in parts {
                let value = edit.load(one);
                to.push(edit.set(part, value));
            }
        }
        ExprKind::Load(from) => {
            let is_array = matches!(place_ty(edit.func, &from), Some(Ty::Array { .. }));
            for (number, &part) in parts.iter().enumerate() {
                let from = match is_array {
                    true => {
                        let index = edit.usize(number as u64);
                        from.clone().index(index, None)
                    }
                    false => from.clone().field(number as u32),
                };
                let value = edit.load_place(from);
                to.push(edit.set(part, value));
            }
        }
        _ => {
            for &part in parts {
                let ty = ty_of(edit, part);
                let value = edit.expr(ExprKind::Zeroed, ty);
                to.push(edit.set(part, value));
            }
        }
    }
}

fn reads_any(func: &Function, expr: ExprId, parts: &[LocalId]) -> bool {
    let Some(expr) = func.exprs.get(expr) else {
        return true;
    };
    let mut reads = (expr.kind.place()).is_some_and(|place| parts.contains(&place.local));
    expr.kind
        .for_each_operand(|operand| reads = reads || reads_any(func, operand, parts));
    reads
}

#[cfg(test)]
mod tests {
    use super::run;
    use crate::{
        GenerateConfig, eval, generate_arguments, generate_function, parse, verify_specialized,
    };

    const FUEL: u64 = 1_000_000;

    #[test]
    fn generated_functions_mean_the_same() {
        let config = GenerateConfig::default();
        let mut n_split = 0;
        for seed in 0..if cfg!(debug_assertions) { 300 } else { 3000 } {
            let func = generate_function(seed, &config);
            let mut changed = func.clone();
            run(&mut changed);
            n_split += usize::from(changed != func);
            verify_specialized(&changed).unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}"));
            for call in 0..4 {
                let mut args = [(); 2].map(|()| generate_arguments(&func, call));
                let [before, after] = &mut args;
                let before = (eval(&func, before, FUEL), before);
                let after = (eval(&changed, after, FUEL), after);
                assert_eq!(format!("{before:?}"), format!("{after:?}"), "seed {seed}");
            }
        }
        assert!(n_split > 5, "{n_split}");
    }

    /// How many locals a function has more, if it means the same.
    fn n_parts(declared: &str, body: &str) -> usize {
        let text = format!(
            "fn f(x: &[u64]) -> u64 {{
                let i: usize;
                let s: u64;
                {declared}
                site @0 = index;
                {body}
            }}"
        );
        let func = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut changed = func.clone();
        run(&mut changed);
        verify_specialized(&changed).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
        for len in [0, 1, 7] {
            let outcome = |func| {
                let values = (0..len)
                    .map(|i| crate::Value::from(i * i + 3_u64))
                    .collect();
                eval(func, &mut [crate::Argument::Slice(values)], FUEL).expect("an outcome")
            };
            assert_eq!(outcome(&func), outcome(&changed), "{changed}");
        }
        changed.locals.len() - func.locals.len()
    }

    #[test]
    fn values_are_those_of_before() {
        let pair = "let mut t: (u64, u64);";
        let looped = |inner: &str| {
            format!(
                "t = (1u64, 2u64);
                '0: for i in 0usize..x.len() {{ {inner} }}
                return (t.0 + (t.1 * 1000u64));"
            )
        };
        assert_eq!(n_parts(pair, &looped("t.0 = (t.0 + x[i]@0);")), 2);
        // Both at once.
        let exchanged = "t.0 = (t.0 + x[i]@0); t = (t.1, t.0);";
        assert_eq!(n_parts(pair, &looped(exchanged)), 4);
        let from_another = "let mut t: (u64, u64); let u: (u64, u64);";
        let copied = "u = (x[i]@0, 5u64); t = u; t.1 = (t.1 + x[i]@0);";
        assert_eq!(n_parts(from_another, &looped(copied)), 2);
        // Not field by field.
        assert_eq!(n_parts(pair, &looped("t = (x[i]@0, t.0);")), 0);
        let lent = "let mut t: (u64, u64); let r: &mut u64;";
        assert_eq!(
            n_parts(lent, &looped("t.0 = x[i]@0; r = &mut t.1; r.* = 3u64;")),
            0
        );
    }
}
