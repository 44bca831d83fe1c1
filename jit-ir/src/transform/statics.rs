//! References to constants, which Rust lets live forever: `&1.5`, `&(2.0 * K)`, `&Config { step: 0.5 }` are `&'static`, and may be kept by
//! whoever gets them, a host function or a caller's variable. A temporary in a frame is gone when the function returns, so where references can
//! get out of compiled code, constants behind them are moved to tables, which are never unmapped.
//!
//! What Rust may promote is never more than what is a constant here: an expression without variables. Where the value of one is not found out, the
//! program is refused.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::eval::{Scalar, Value, ops};
use crate::expr::{Expr, ExprId, ExprKind, Place, Projection};
use crate::func::{CONSTANT, COPY, Function, HostTy, Local, LocalId, Program, Table};
use crate::layout::{field_offsets, layout_of};
use crate::span::Span;
use crate::stmt::{Block, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// A reference to a constant that might be kept for longer than the constant is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` at {}:{}: a reference to a constant that cannot be kept", position.line, position.column)]
pub struct Temporary {
    /// The function.
    pub function: String,
    /// Where the constant is.
    pub position: Span,
}

/// Moves constants to tables to which a reference may be kept. The program is specialized.
///
/// # Errors
///
/// If there is one whose value is not known here.
pub fn keep_constants(program: &mut Program) -> Result<(), Temporary> {
    if !lets_references_out(program) {
        return Ok(());
    }
    for func in &mut program.functions {
        let constants = Constants::of(func);
        let found = constants.borrowed()?;
        for (local, bytes) in found {
            move_to_table(func, local, bytes);
        }
    }
    Ok(())
}

/// Whether somebody else can get hold of a reference: a host function, a variable behind a pointer, the caller.
fn lets_references_out(program: &Program) -> bool {
    let is_ref = |ty: &HostTy| matches!(ty, HostTy::Ref { .. } | HostTy::Slice { .. });
    let to_host = (program.hosts.iter()).any(|host| host.params.iter().any(is_ref));
    let to_caller = (program.functions.first()).is_some_and(|first| first.result.has_refs());
    to_host || to_caller || program.functions.iter().any(stores_references)
}

fn stores_references(func: &Function) -> bool {
    let mut stores = false;
    func.body.for_each_stmt(|stmt| {
        let Some(place) = stmt.kind.place() else {
            return;
        };
        let way = (place_ty(func, place), is_in_frame(func, place));
        stores |= matches!(way, (Some(ty), false) if ty.has_refs());
    });
    stores
}

/// The type of what is at a place.
fn place_ty(func: &Function, place: &Place) -> Option<Ty> {
    let mut ty = &func.locals.get(place.local)?.ty;
    for step in &place.projections {
        ty = match (step, ty) {
            (Projection::Field(field), _) => ty.field(*field)?,
            (Projection::Index { .. }, _) => ty.element()?,
            (Projection::Deref, Ty::Ref { to, .. }) => to,
            (Projection::Deref, _) => return None,
        };
    }
    Some(ty.clone())
}

/// Whether no pointer leads to a place.
fn is_in_frame(func: &Function, place: &Place) -> bool {
    (0..place.projections.len()).all(|n| {
        let before = Place {
            local: place.local,
            projections: place.projections[..n].to_vec(),
        };
        !matches!(
            place_ty(func, &before),
            Some(Ty::Slice { .. } | Ty::Ref { .. }) | None
        )
    })
}

/// Whether a reference to a copy in a frame may get out of compiled code, where the source has a reference to what was copied.
pub fn lets_copies_out(program: &Program) -> bool {
    lets_references_out(program) && program.functions.iter().any(copies_get_out)
}

fn copies_get_out(func: &Function) -> bool {
    let is_copy = |local: &Local| local.name.starts_with(COPY);
    // What may hold a reference to a copy.
    let mut holders: HashSet<LocalId> = (func.locals.iter())
        .filter(|(_, local)| is_copy(local))
        .map(|(id, _)| id)
        .collect();
    if holders.is_empty() {
        return false;
    }
    loop {
        let (known, mut gets_out) = (holders.len(), false);
        func.body.for_each_stmt(|stmt| match &stmt.kind {
            StmtKind::Assign { place, value } if refers(func, &holders, *value) => {
                match is_in_frame(func, place) {
                    true => drop(holders.insert(place.local)),
                    false => gets_out = true,
                }
            }
            StmtKind::Return(Some(value)) => gets_out |= refers(func, &holders, *value),
            StmtKind::Call { args, .. } | StmtKind::HostCall { args, .. } => {
                gets_out |= args.iter().any(|arg| refers(func, &holders, *arg));
            }
            _ => {}
        });
        if gets_out || holders.len() == known {
            return gets_out;
        }
    }
}

/// Whether the value of an expression may have a reference in it that leads to, or into, one of these variables.
fn refers(func: &Function, holders: &HashSet<LocalId>, value: ExprId) -> bool {
    let Expr { kind, ty } = &func.exprs[value];
    if !ty.has_refs() {
        return false;
    }
    let mut refers = (kind.place()).is_some_and(|place| holders.contains(&place.local));
    kind.for_each_operand(|operand| refers |= self::refers(func, holders, operand));
    refers
}

/// What is known of the value of an expression or a variable.
#[derive(Clone, Debug)]
enum Known {
    /// It may be different from call to call.
    Varies,
    /// It is a constant of this type, with these bytes.
    Value(Ty, Vec<u8>),
    /// It is a constant, whatever its value is.
    Constant,
}

/// How a variable gets its value.
#[derive(Clone, Debug)]
enum Origin {
    /// By this one expression.
    Expr(ExprId),
    /// By the first of these; the others are its fields, on the way of these numbers: a variant of an enum is built so.
    Parts(Vec<(Vec<u32>, ExprId)>),
    /// In another way, or through a reference as well.
    Other,
}

struct Constants<'a> {
    func: &'a Function,
    /// By the variables' numbers; `None` of one that is never assigned.
    origins: Vec<Option<Origin>>,
    /// The list of statements that assigns a variable in parts.
    blocks: HashMap<LocalId, *const Block>,
    /// Variables to whose memory there are shared references.
    borrowed: Vec<LocalId>,
    /// What was found out of variables.
    seen: RefCell<HashMap<LocalId, Known>>,
}

impl<'a> Constants<'a> {
    fn of(func: &'a Function) -> Self {
        let mut constants = Constants {
            func,
            origins: vec![None; func.locals.len()],
            blocks: HashMap::new(),
            borrowed: Vec::new(),
            seen: RefCell::default(),
        };
        for param in &func.params {
            constants.set(*param, Origin::Other);
        }
        constants.look_at(&func.body);
        constants
    }

    fn look_at(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Assign { place, value } => self.assign(block, place, *value),
                StmtKind::For(for_loop) => self.set(for_loop.var, Origin::Other),
                other => {
                    if let Some(place) = other.place() {
                        self.set(place.local, Origin::Other);
                    }
                }
            }
            stmt.kind.for_each_expr(|expr| self.visit(expr));
            stmt.kind.blocks().for_each(|block| self.look_at(block));
        }
    }

    fn set(&mut self, local: LocalId, origin: Origin) {
        if let Some(known) = self.origins.get_mut(local.index()) {
            *known = Some(origin);
        }
    }

    fn assign(&mut self, block: &Block, place: &Place, value: ExprId) {
        if !is_in_frame(self.func, place) {
            return;
        }
        let way: Option<Vec<u32>> = (place.projections.iter())
            .map(|step| match step {
                Projection::Field(field) => Some(*field),
                _ => None,
            })
            .collect();
        let first_block = *self.blocks.entry(place.local).or_insert(block);
        let Some(known) = self.origins.get_mut(place.local.index()) else {
            return;
        };
        // All in one list of statements, in its order.
        let way = way.filter(|way| !way.is_empty() && std::ptr::eq(first_block, block));
        *known = Some(match (known.take(), way) {
            (None, _) if place.projections.is_empty() => Origin::Expr(value),
            (Some(Origin::Expr(first)), Some(way)) => {
                Origin::Parts(vec![(Vec::new(), first), (way, value)])
            }
            (Some(Origin::Parts(mut all)), Some(way)) => {
                all.push((way, value));
                Origin::Parts(all)
            }
            _ => Origin::Other,
        });
    }

    /// Notes what an expression borrows.
    fn visit(&mut self, expr: ExprId) {
        let Expr { kind, ty } = &self.func.exprs[expr];
        kind.for_each_operand(|operand| self.visit(operand));
        let (ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. }) = kind else {
            return;
        };
        let is_pointer = matches!(
            (kind, place_ty(self.func, place)),
            (ExprKind::SubSlice { .. }, Some(Ty::Slice { .. }))
        );
        if is_pointer || !is_in_frame(self.func, place) {
            return;
        }
        if ty.has_mutable_refs() {
            self.set(place.local, Origin::Other);
        } else if !self.borrowed.contains(&place.local) {
            self.borrowed.push(place.local);
        }
    }

    /// The constants to whose memory there are references, with their bytes.
    fn borrowed(&self) -> Result<Vec<(LocalId, Vec<u8>)>, Temporary> {
        let mut found = Vec::new();
        for &borrowed in &self.borrowed {
            let local = &self.func.locals[borrowed];
            match self.local(borrowed, 0) {
                Known::Varies => {}
                Known::Value(ty, bytes) if ty == local.ty && fits_table(&ty) => {
                    found.push((borrowed, bytes));
                }
                // Of a variable of the user's, a reference lives no longer than the variable.
                _ if !local.name.starts_with('$') => {}
                _ => {
                    return Err(Temporary {
                        function: self.func.name.clone(),
                        position: local.span,
                    });
                }
            }
        }
        Ok(found)
    }

    fn local(&self, local: LocalId, depth: usize) -> Known {
        let seen = self.seen.borrow().get(&local).cloned();
        seen.unwrap_or_else(|| {
            let found = match self.origin(local, depth) {
                // A constant item has no variables, whatever its value is computed from.
                Known::Varies if self.func.locals[local].name.starts_with(CONSTANT) => {
                    Known::Constant
                }
                found => found,
            };
            self.seen.borrow_mut().insert(local, found.clone());
            found
        })
    }

    fn origin(&self, local: LocalId, depth: usize) -> Known {
        if depth > MAX_DEPTH {
            return Known::Varies;
        }
        match self.origins.get(local.index()) {
            Some(Some(Origin::Expr(value))) => self.expr(*value, depth + 1),
            // What the user changes is no constant.
            Some(Some(Origin::Parts(parts))) if self.func.locals[local].name.starts_with('$') => {
                self.parts(parts, depth)
            }
            _ => Known::Varies,
        }
    }

    /// A value that is assigned in parts.
    fn parts(&self, parts: &[(Vec<u32>, ExprId)], depth: usize) -> Known {
        let mut whole = Known::Constant;
        for (way, value) in parts {
            let (known, part) = match (whole, self.expr(*value, depth + 1)) {
                (_, Known::Varies) => return Known::Varies,
                (known, part) => (known, part),
            };
            whole = match (known, part) {
                (_, part) if way.is_empty() => part,
                (Known::Value(ty, mut bytes), Known::Value(_, part)) => {
                    let place = part_at(&ty, way).and_then(|(start, _)| {
                        bytes.get_mut(start..start.checked_add(part.len())?)
                    });
                    match place {
                        Some(place) => {
                            place.copy_from_slice(&part);
                            Known::Value(ty, bytes)
                        }
                        None => Known::Constant,
                    }
                }
                _ => Known::Constant,
            };
        }
        whole
    }

    fn expr(&self, id: ExprId, depth: usize) -> Known {
        if depth > MAX_DEPTH {
            return Known::Varies;
        }
        let Expr { kind, ty } = &self.func.exprs[id];
        match kind {
            ExprKind::Const(value) => {
                let scalar = ty.as_scalar().and_then(|ty| Scalar::from_const(ty, *value));
                scalar_of(scalar)
            }
            ExprKind::Zeroed => match layout_of(ty) {
                Ok(layout) if layout.size <= MAX_BYTES && !ty.has_refs() => {
                    Known::Value(ty.clone(), vec![0; layout.size as usize])
                }
                _ => Known::Constant,
            },
            ExprKind::Load(place) => self.place(place, depth + 1),
            ExprKind::Len(place) => match place_ty(self.func, place) {
                Some(Ty::Array { len, .. }) => {
                    scalar_of(Some(Scalar::from_bits(ScalarTy::Usize, len.into())))
                }
                _ => match self.local(place.local, depth + 1) {
                    Known::Varies => Known::Varies,
                    _ => Known::Constant,
                },
            },
            ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => {
                let mut varies = matches!(self.local(place.local, depth + 1), Known::Varies);
                kind.for_each_operand(|operand| {
                    varies |= matches!(self.expr(operand, depth + 1), Known::Varies);
                });
                match varies {
                    true => Known::Varies,
                    false => Known::Constant,
                }
            }
            ExprKind::Table(_) => Known::Constant,
            _ => {
                let mut operands = Some(Vec::new());
                let mut varies = false;
                kind.for_each_operand(|operand| match self.expr(operand, depth + 1) {
                    Known::Varies => varies = true,
                    Known::Value(ty, bytes) => {
                        if let Some(operands) = &mut operands {
                            operands.push((ty, bytes));
                        }
                    }
                    Known::Constant => operands = None,
                });
                if varies {
                    return Known::Varies;
                }
                let bytes = operands.and_then(|operands| compute(kind, ty, &operands));
                bytes.map_or(Known::Constant, |bytes| Known::Value(ty.clone(), bytes))
            }
        }
    }

    /// What is at a place.
    fn place(&self, place: &Place, depth: usize) -> Known {
        let mut steps = place.projections.iter();
        let mut found = match (self.local(place.local, depth), self.table_at(place)) {
            (Known::Varies, _) => return Known::Varies,
            (_, Some(table)) => {
                steps.next();
                Known::Value(table.ty.clone(), table.bytes.clone())
            }
            (found, None) => found,
        };
        for step in steps {
            let index = match step {
                Projection::Deref => None,
                Projection::Field(field) => Some(*field),
                Projection::Index { index, .. } => match self.expr(*index, depth + 1) {
                    Known::Varies => return Known::Varies,
                    Known::Value(_, bytes) => (bytes.try_into().ok())
                        .and_then(|bytes| u64::from_le_bytes(bytes).try_into().ok()),
                    Known::Constant => None,
                },
            };
            let part = match (&found, index) {
                (Known::Value(ty, bytes), Some(index)) => {
                    part_at(ty, &[index]).and_then(|(start, part)| {
                        let size = usize::try_from(layout_of(&part).ok()?.size).ok()?;
                        let bytes = bytes.get(start..start.checked_add(size)?)?;
                        Some(Known::Value(part, bytes.to_vec()))
                    })
                }
                _ => None,
            };
            found = part.unwrap_or(Known::Constant);
        }
        found
    }

    /// The table that a place is a part of.
    fn table_at(&self, place: &Place) -> Option<&'a Table> {
        let Some(Some(Origin::Expr(value))) = self.origins.get(place.local.index()) else {
            return None;
        };
        match (&self.func.exprs[*value].kind, place.projections.first()) {
            (ExprKind::Table(table), Some(Projection::Deref)) => {
                self.func.tables.get(*table as usize)
            }
            _ => None,
        }
    }
}

/// How deep expressions are looked into. What is deeper is taken for no constant: rustc's own limits are far below.
const MAX_DEPTH: usize = 400;

/// How large constants are that are computed here.
const MAX_BYTES: u64 = 1 << 16;

fn scalar_of(scalar: Option<Scalar>) -> Known {
    let value = scalar.and_then(|scalar| {
        let bytes = Value::Scalar(scalar).to_bytes()?;
        Some(Known::Value(Ty::Scalar(scalar.ty), bytes))
    });
    value.unwrap_or(Known::Constant)
}

/// Where a part of a value is, fields or elements by their numbers from the outermost, and its type.
fn part_at(ty: &Ty, way: &[u32]) -> Option<(usize, Ty)> {
    let (mut ty, mut start) = (ty.clone(), 0_u64);
    for step in way {
        let (offset, part) = match &ty {
            Ty::Array { elem, len } if u64::from(*step) < *len => {
                let size = layout_of(elem).ok()?.size;
                (size.checked_mul((*step).into())?, (**elem).clone())
            }
            Ty::Tuple(_) | Ty::Struct(_) => {
                let offset = *field_offsets(&ty).ok()?.get(*step as usize)?;
                (offset, ty.field(*step)?.clone())
            }
            _ => return None,
        };
        start = start.checked_add(offset)?;
        ty = part;
    }
    Some((usize::try_from(start).ok()?, ty))
}

fn compute(kind: &ExprKind, ty: &Ty, operands: &[(Ty, Vec<u8>)]) -> Option<Vec<u8>> {
    let scalar = |n: usize| {
        let (ty, bytes) = operands.get(n)?;
        Value::from_bytes(ty, bytes)?.as_scalar()
    };
    let computed = match kind {
        ExprKind::Unary { op, site, .. } => ops::unary(*op, scalar(0)?, site.is_some()).ok()?,
        ExprKind::Binary { op, site, .. } => {
            ops::binary(*op, scalar(0)?, scalar(1)?, site.is_some()).ok()?
        }
        ExprKind::Cast { .. } => ops::cast(scalar(0)?, ty.as_scalar()?),
        ExprKind::Array(_) | ExprKind::Tuple(_) | ExprKind::Struct(_) | ExprKind::Repeat(_) => {
            let size = layout_of(ty).ok()?.size;
            if size > MAX_BYTES || matches!(ty, Ty::Struct(ty) if ty.overlaps) {
                return None;
            }
            let mut bytes = vec![0; size as usize];
            let repeated = match (kind, ty) {
                (ExprKind::Repeat(_), Ty::Array { len, .. }) => usize::try_from(*len).ok()?,
                _ => 1,
            };
            let values = (0..repeated).flat_map(|_| operands);
            for (n, (_, value)) in (0..).zip(values) {
                if value.is_empty() {
                    continue;
                }
                let (start, _) = part_at(ty, &[n])?;
                let place = bytes.get_mut(start..start.checked_add(value.len())?)?;
                place.copy_from_slice(value);
            }
            return Some(bytes);
        }
        _ => return None,
    };
    Value::Scalar(computed).to_bytes()
}

/// Whether a table may have this type.
fn fits_table(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(_) => true,
        Ty::Array { elem, .. } => fits_table(elem),
        Ty::Struct(ty) => ty.fields.iter().all(|field| fits_table(&field.ty)),
        _ => false,
    }
}

/// Makes a variable a reference to a table with its value.
fn move_to_table(func: &mut Function, moved: LocalId, bytes: Vec<u8>) {
    let ty = func.locals[moved].ty.clone();
    let table = func.tables.len() as u32;
    func.tables.push(Table {
        name: "constant".to_owned(),
        ty: ty.clone(),
        bytes,
    });
    let pointer = Ty::Ref {
        to: Box::new(ty),
        mutable: false,
    };
    func.locals[moved].ty = pointer.clone();
    for id in func.exprs.handles() {
        if let Some(place) = func.exprs[id].kind.place_mut()
            && place.local == moved
        {
            place.projections.insert(0, Projection::Deref);
        }
    }
    let address = func.exprs.push(Expr {
        kind: ExprKind::Table(table),
        ty: pointer,
    });
    assign_address(&mut func.body, moved, address);
}

fn assign_address(block: &mut Block, moved: LocalId, address: ExprId) {
    // The parts are in the table, too.
    block.stmts.retain(|stmt| match &stmt.kind {
        StmtKind::Assign { place, .. } => place.local != moved || place.projections.is_empty(),
        _ => true,
    });
    for stmt in &mut block.stmts {
        if let StmtKind::Assign { place, value } = &mut stmt.kind
            && place.local == moved
        {
            *value = address;
        }
        for block in stmt.kind.blocks_mut() {
            assign_address(block, moved, address);
        }
    }
}
