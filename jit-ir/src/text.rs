//! What the printer and the parser of the text form agree on: names, the types that need not be written, and the order
//! in which expressions are numbered.

use std::collections::{HashMap, HashSet};

use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{FastMath, Function};
use crate::intrinsic::Intrinsic;
use crate::ty::{ScalarTy, StructTy, Ty};
use crate::walk::MAX_TYPE_DEPTH;

/// Words that are no names of locals, functions or type parameters.
const KEYWORDS: &[&str] = &[
    "_", "as", "at", "break", "continue", "else", "false", "fastmath", "file", "fn", "for", "if",
    "host", "in", "let", "loop", "module", "mut", "order", "return", "rev", "site", "spans",
    "step", "struct", "table", "trap", "true", "unused", "while",
];

pub(crate) fn is_name_start(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

pub(crate) fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether the text form has this name without quotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_part) && !KEYWORDS.contains(&name)
}

/// A name, in quotes if it must be.
pub(crate) fn name_text(name: &str) -> String {
    if is_plain_name(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// How the body names each local: by its name if that is enough, else with its number.
pub(crate) fn local_texts(func: &Function) -> Vec<String> {
    let mut uses = std::collections::HashMap::new();
    for (_, local) in func.locals.iter() {
        *uses.entry(local.name.as_str()).or_insert(0u32) += 1;
    }
    let text = |(id, local): (crate::LocalId, &crate::Local)| {
        if !is_plain_name(&local.name) {
            format!("_#{}", id.index())
        } else if uses.get(local.name.as_str()) == Some(&1) {
            local.name.clone()
        } else {
            format!("{}#{}", local.name, id.index())
        }
    };
    func.locals.iter().map(text).collect()
}

/// How the text names types: the parameters of a function by their names, structs by those of their declarations.
pub(crate) struct TypeTexts<'f> {
    params: Vec<String>,
    /// Every struct that occurs, each behind those inside of it: the order of the declarations.
    pub structs: Vec<&'f StructTy>,
    names: HashMap<&'f StructTy, String>,
}

impl<'f> TypeTexts<'f> {
    pub(crate) fn new(func: &'f Function) -> Self {
        let mut structs = Vec::new();
        let mut seen = HashSet::new();
        func.for_each_ty(|ty, _| {
            if ty.depth() <= MAX_TYPE_DEPTH {
                collect_structs(ty, &mut seen, &mut structs);
            }
        });
        let mut uses = HashMap::new();
        for ty in &structs {
            *uses.entry(ty.name.as_str()).or_insert(0u32) += 1;
        }
        let is_type = |name: &str| {
            ScalarTy::from_name(name).is_some()
                || func.type_params.iter().any(|param| param.name == name)
        };
        let names = structs.iter().enumerate().map(|(n, &ty)| {
            let name = &ty.name;
            let own = is_plain_name(name) && !is_type(name) && uses.get(name.as_str()) == Some(&1);
            let name = if own { name.clone() } else { format!("%{n}") };
            (ty, name)
        });
        TypeTexts {
            params: (0..func.type_params.len())
                .map(|index| param_text(func, index as u32))
                .collect(),
            names: names.collect(),
            structs,
        }
    }

    /// The type; structs that do not occur in the function by their names.
    pub(crate) fn text(&self, ty: &Ty) -> String {
        if ty.depth() > MAX_TYPE_DEPTH {
            return "<too deep>".into();
        }
        self.text_within(ty)
    }

    fn text_within(&self, ty: &Ty) -> String {
        let reference = |mutable: &bool| if *mutable { "&mut " } else { "&" };
        match ty {
            Ty::Unit => "()".into(),
            Ty::Scalar(scalar) => scalar.name().into(),
            Ty::Param(index) => match self.params.get(*index as usize) {
                Some(name) => name.clone(),
                None => format!("?{index}"),
            },
            Ty::Tuple(elems) => {
                let elems: Vec<_> = elems.iter().map(|elem| self.text_within(elem)).collect();
                match elems.as_slice() {
                    [] => "(,)".into(),
                    [one] => format!("({one},)"),
                    elems => format!("({})", elems.join(", ")),
                }
            }
            Ty::Array { elem, len } => format!("[{}; {len}]", self.text_within(elem)),
            Ty::Struct(ty) => match self.names.get(&**ty) {
                Some(name) => name.clone(),
                None => name_text(&ty.name),
            },
            Ty::Ref { to, mutable } => format!("{}{}", reference(mutable), self.text_within(to)),
            Ty::Slice { elem, mutable } => {
                format!("{}[{}]", reference(mutable), self.text_within(elem))
            }
        }
    }

    /// `struct Point size 8 align 4 { x: f32 at 0, y: f32 at 4 }`.
    pub(crate) fn declaration(&self, ty: &StructTy) -> String {
        let fields = ty.fields.iter().map(|field| {
            let (name, ty) = (name_text(&field.name), self.text_within(&field.ty));
            format!("{name}: {ty} at {}", field.offset)
        });
        let fields: Vec<_> = fields.collect();
        let fields = match fields.as_slice() {
            [] => "{}".into(),
            fields => format!("{{ {} }}", fields.join(", ")),
        };
        let (name, size, align) = (name_text(&ty.name), ty.size, ty.align);
        let overlaps = if ty.overlaps { "overlapping " } else { "" };
        format!("struct {name} size {size} align {align} {overlaps}{fields}")
    }

    /// The declarations are read before the names of parameters.
    pub(crate) fn forget_params(&mut self) {
        self.params.clear();
    }
}

fn collect_structs<'f>(
    ty: &'f Ty,
    seen: &mut HashSet<&'f StructTy>,
    structs: &mut Vec<&'f StructTy>,
) {
    if let Ty::Struct(ty) = ty
        && seen.contains(&**ty)
    {
        return;
    }
    for part in ty.parts() {
        collect_structs(part, seen, structs);
    }
    if let Ty::Struct(ty) = ty
        && seen.insert(ty)
    {
        structs.push(ty);
    }
}

/// How types name a type parameter.
pub(crate) fn param_text(func: &Function, index: u32) -> String {
    let param = func.type_params.get(index as usize);
    match param {
        Some(param)
            if is_plain_name(&param.name)
                && ScalarTy::from_name(&param.name).is_none()
                && func
                    .type_params
                    .iter()
                    .filter(|other| *other == param)
                    .count()
                    == 1 =>
        {
            param.name.clone()
        }
        Some(_) | None => format!("?{index}"),
    }
}

/// The type of an expression as far as its text says it; what differs is written out.
pub(crate) fn natural_ty(func: &Function, kind: &ExprKind, ty: &Ty) -> Option<Ty> {
    let ty_of = |id: &ExprId| func.exprs.get(*id).map(|expr| expr.ty.clone());
    match kind {
        ExprKind::Const(ConstValue::Int(_)) => match ty {
            Ty::Scalar(scalar) if const_is_of(kind, *scalar) => Some(ty.clone()),
            _ => None,
        },
        ExprKind::Const(ConstValue::Bool(_)) => Some(Ty::BOOL),
        ExprKind::Const(ConstValue::F32(_)) => Some(Ty::Scalar(ScalarTy::F32)),
        ExprKind::Const(ConstValue::F64(_)) => Some(Ty::Scalar(ScalarTy::F64)),
        ExprKind::Named(_) | ExprKind::Cast { .. } | ExprKind::NumCast { .. } => Some(ty.clone()),
        ExprKind::DebugAssertions
        | ExprKind::ShortCircuit { .. }
        | ExprKind::NumCastFits { .. } => Some(Ty::BOOL),
        ExprKind::Load(place) => place_ty(func, place).cloned(),
        ExprKind::Len(_) => Some(Ty::USIZE),
        ExprKind::Unary { operand, .. } => ty_of(operand),
        ExprKind::Binary { op, .. } if op.is_comparison() => Some(Ty::BOOL),
        ExprKind::Binary { lhs, .. } => ty_of(lhs),
        ExprKind::Select { then, .. } => ty_of(then),
        ExprKind::Call {
            intrinsic, args, ..
        } => call_ty(*intrinsic, ty_of(args.first()?)?),
        ExprKind::Borrow(place) => {
            let to = Box::new(place_ty(func, place)?.clone());
            let mutable = is_mutable(ty);
            Some(Ty::Ref { to, mutable })
        }
        ExprKind::SubSlice { base, .. } => {
            let elem = Box::new(place_ty(func, base)?.element()?.clone());
            let mutable = is_mutable(ty);
            Some(Ty::Slice { elem, mutable })
        }
        ExprKind::Table(table) => {
            let to = Box::new(func.tables.get(*table as usize)?.ty.clone());
            Some(Ty::Ref { to, mutable: false })
        }
        ExprKind::Array(elems) => Some(Ty::Array {
            elem: Box::new(ty_of(elems.first()?)?),
            len: elems.len() as u64,
        }),
        ExprKind::Repeat(value) => match ty {
            Ty::Array { len, .. } => Some(Ty::Array {
                elem: Box::new(ty_of(value)?),
                len: *len,
            }),
            _ => None,
        },
        ExprKind::Struct(_) | ExprKind::Zeroed => Some(ty.clone()),
        ExprKind::Tuple(elems) => Some(Ty::Tuple(elems.iter().map(ty_of).collect::<Option<_>>()?)),
    }
}

/// Whether the text of what points writes `&mut`.
pub(crate) fn is_mutable(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Ref { mutable: true, .. } | Ty::Slice { mutable: true, .. }
    )
}

fn const_is_of(kind: &ExprKind, ty: ScalarTy) -> bool {
    matches!(kind, ExprKind::Const(value) if value.is_of(ty))
}

fn call_ty(intrinsic: Intrinsic, first: Ty) -> Option<Ty> {
    if !intrinsic.receiver_is_self() {
        return match first {
            Ty::Scalar(ScalarTy::U32) => Some(Ty::Scalar(ScalarTy::F32)),
            Ty::Scalar(ScalarTy::U64) => Some(Ty::Scalar(ScalarTy::F64)),
            _ => None,
        };
    }
    intrinsic.info().result.resolve_ty(&first)
}

/// The type of a place, if its projections apply.
pub(crate) fn place_ty<'a>(func: &'a Function, place: &Place) -> Option<&'a Ty> {
    let mut ty = &func.locals.get(place.local)?.ty;
    for projection in &place.projections {
        ty = match (projection, ty) {
            (Projection::Index { .. }, ty) => ty.element()?,
            (Projection::Field(field), ty) => ty.field(*field)?,
            (Projection::Deref, Ty::Ref { to, .. }) => to,
            (Projection::Deref, _) => return None,
        };
    }
    Some(ty)
}

/// All expressions in the order in which the text numbers them: operands before what uses them, in order of
/// evaluation, statement by statement; then those that no statement uses. An expression that is used twice stands
/// where it is first.
pub(crate) fn canonical_order(func: &Function) -> Vec<ExprId> {
    let mut order = Vec::with_capacity(func.exprs.len());
    let mut seen = vec![false; func.exprs.len()];
    let mut add_tree = |root: ExprId| {
        // `true`: its operands are already in `order`.
        let mut open = vec![(root, false)];
        while let Some((id, ready)) = open.pop() {
            if ready {
                order.push(id);
            } else if let Some(expr) = func.exprs.get(id)
                && !std::mem::replace(&mut seen[id.index()], true)
            {
                open.push((id, true));
                let first = open.len();
                expr.kind
                    .for_each_operand(|operand| open.push((operand, false)));
                open[first..].reverse();
            }
        }
    };
    func.body
        .for_each_stmt(|stmt| stmt.kind.for_each_expr(&mut add_tree));
    for root in unused_roots(func) {
        add_tree(root);
    }
    order
}

/// Expressions that nothing uses.
pub(crate) fn unused_roots(func: &Function) -> Vec<ExprId> {
    let mut used = vec![false; func.exprs.len()];
    let mut mark = |id: ExprId| {
        if let Some(used) = used.get_mut(id.index()) {
            *used = true;
        }
    };
    for (_, expr) in func.exprs.iter() {
        expr.kind.for_each_operand(&mut mark);
    }
    func.body
        .for_each_stmt(|stmt| stmt.kind.for_each_expr(&mut mark));
    func.exprs
        .handles()
        .filter(|id| !used[id.index()])
        .collect()
}

/// The names of the liberties that are taken.
pub(crate) fn fastmath_flags(fastmath: &mut FastMath) -> [(&'static str, &mut bool); 7] {
    let FastMath {
        reassoc,
        contract,
        nsz,
        arcp,
        afn,
        nnan,
        ninf,
    } = fastmath;
    [
        ("reassoc", reassoc),
        ("contract", contract),
        ("nsz", nsz),
        ("arcp", arcp),
        ("afn", afn),
        ("nnan", nnan),
        ("ninf", ninf),
    ]
}

/// A constant; its type too, if that is one of its kind.
pub(crate) fn const_text(value: ConstValue, ty: &Ty) -> String {
    match value {
        ConstValue::Bool(value) => value.to_string(),
        ConstValue::Int(bits) => match ty {
            Ty::Scalar(scalar) if value.is_of(*scalar) => int_text(bits, *scalar),
            _ => format!("int({bits:#x})"),
        },
        ConstValue::F32(bits) => match f32::from_bits(bits) {
            value if value.is_finite() => format!("{value:?}f32"),
            _ => format!("f32({bits:#x})"),
        },
        ConstValue::F64(bits) => match f64::from_bits(bits) {
            value if value.is_finite() => format!("{value:?}f64"),
            _ => format!("f64({bits:#x})"),
        },
    }
}

fn int_text(bits: u128, ty: ScalarTy) -> String {
    let value = crate::Scalar { ty, bits }.extended();
    if ty.is_signed_int() {
        format!("{}{ty}", value as i128)
    } else {
        format!("{value}{ty}")
    }
}
