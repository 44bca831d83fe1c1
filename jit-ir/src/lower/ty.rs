//! Types as they are written: parameters, results, annotations, casts.

use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::params::is_iterator;
use super::state::Lowering;
use super::types::{data_enum_ty, struct_ty};
use crate::arrays::ArrayName;
use crate::hir;
use crate::instance::{Extern, StructInfo, TypeInfo};
use crate::ty::ScalarTy;

impl Lowering<'_> {
    /// The type that is written here, if it is one of ours; otherwise reports it.
    pub(super) fn lower_ty(&mut self, ty: &hir::Type) -> Option<ITy> {
        match ty {
            hir::Type::Paren(inner) => self.lower_ty(&inner.elem),
            hir::Type::Group(inner) => self.lower_ty(&inner.elem),
            hir::Type::Infer(_) => Some(self.infer.fresh()),
            hir::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(ITy::Unit),
            hir::Type::Tuple(tuple) => {
                let elems: Vec<_> = tuple.elems.iter().map(|elem| self.lower_ty(elem)).collect();
                Some(ITy::Tuple(elems.into_iter().collect::<Option<_>>()?))
            }
            hir::Type::Reference(reference) => self.lower_reference(reference),
            hir::Type::Path(path) => self.lower_ty_path(path),
            hir::Type::Array(array) => {
                let elem = Box::new(self.lower_memory_ty(&array.elem)?);
                let len = self.const_len(&array.len);
                Some(ITy::Array { elem, len })
            }
            hir::Type::Slice(_) => {
                self.refuse_ty(ty, "unsized slices", "write `&[T]` or `&mut [T]`")
            }
            hir::Type::ImplFn(imp) if imp.bounds.iter().any(is_iterator) => self.refuse_ty(
                ty,
                "`impl Iterator` that is not the type of a parameter",
                "write the iterator where it is used, or pass the slice that it is over",
            ),
            hir::Type::ImplFn(_) => self.refuse_ty(
                ty,
                "`impl Fn` that is not the type of a parameter",
                "closures are parts of the functions that call them; take the function as a parameter, or write its body out",
            ),
            hir::Type::Refused(refusal) => {
                self.diags.refuse(refusal);
                None
            }
            hir::Type::Never(_) => self.refuse_ty(ty, "such types", "pass slices and scalars"),
        }
    }

    pub(super) fn refuse_ty(&mut self, ty: &hir::Type, what: &str, help: &str) -> Option<ITy> {
        self.diags.report(
            Code::Type,
            ty.span(),
            format!("{what} cannot be captured by `#[jit]`"),
            help,
        );
        None
    }

    /// A type whose values lie in memory: tuples there are laid out by rustc.
    pub(super) fn lower_memory_ty(&mut self, ty: &hir::Type) -> Option<ITy> {
        match ty {
            hir::Type::Paren(inner) => self.lower_memory_ty(&inner.elem),
            hir::Type::Group(inner) => self.lower_memory_ty(&inner.elem),
            hir::Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                let elems: Vec<_> = (tuple.elems.iter())
                    .map(|elem| self.lower_memory_ty(elem))
                    .collect();
                let elems = elems.into_iter().collect::<Option<Vec<_>>>()?;
                match self.ask(tuple.span, Question::Type) {
                    Some(Extern::Type(info)) => self.described(&info, tuple.span),
                    _ => Some(ITy::Tuple(elems)),
                }
            }
            _ => self.lower_ty(ty),
        }
    }

    /// The type that rustc described.
    fn described(&mut self, info: &TypeInfo, span: hir::Span) -> Option<ITy> {
        let ty = ITy::of_info(info).filter(|ty| match ty {
            ITy::Struct(info) => struct_ty(info).is_some(),
            ITy::DataEnum(info) => data_enum_ty(info).is_some(),
            _ => true,
        });
        if ty.is_none() {
            let name = match info {
                TypeInfo::Unknown(name) => name.clone(),
                TypeInfo::Tuple(info) | TypeInfo::Struct(info) => info.name.clone(),
                TypeInfo::DataEnum(info) => info.name.clone(),
                _ => "this type".to_owned(),
            };
            let part = match info {
                TypeInfo::Tuple(info) | TypeInfo::Struct(info) => unknown_field(info),
                _ => None,
            };
            let message = match part {
                Some((field, ty)) => {
                    format!(
                        "`{name}` has a field `{field}` of type `{ty}`, which `#[jit]` does not know"
                    )
                }
                // A description may say which field.
                None => match name.split_once(", whose ") {
                    Some((name, fields)) => {
                        format!("`{name}`, whose {fields}, is no type that `#[jit]` knows")
                    }
                    None => format!("`{name}` has parts that `#[jit]` does not know"),
                },
            };
            self.diags.report(
                Code::Type,
                span,
                message,
                "numbers, arrays, tuples and structs of these are known; pass slices and `Option`s as parameters of their own",
            );
        }
        ty
    }

    /// What the path of a type means, which only rustc knows; the node is the one that it is asked about.
    pub(super) fn extern_ty(&mut self, node: hir::Span, name: &str) -> Option<ITy> {
        match self.ask(node, Question::Type) {
            Some(Extern::Type(info)) => self.described(&info, node),
            None if self.current.context.is_none() => Some(self.infer.unknown(Unknown::Adt(node))),
            Some(_) | None => {
                self.diags.report(
                    Code::Type,
                    node,
                    format!("`{name}` is no type that `#[jit]` knows"),
                    "derive `JitType` for it",
                );
                None
            }
        }
    }

    fn lower_reference(&mut self, reference: &hir::TypeReference) -> Option<ITy> {
        let mut elem = &*reference.elem;
        while let hir::Type::Paren(hir::TypeParen { elem: inner, .. })
        | hir::Type::Group(hir::TypeGroup { elem: inner, .. }) = elem
        {
            elem = inner;
        }
        let mutable = reference.mutability;
        if let hir::Type::Slice(slice) = elem {
            let elem = self.lower_memory_ty(&slice.elem)?;
            if self.contains_slice(&elem) {
                let help = "pass one slice, and index it by `i * n_cols + j`";
                return self.refuse_ty(&slice.elem, "slices of slices", help);
            }
            let elem = Box::new(elem);
            return Some(ITy::Slice { elem, mutable });
        }
        let to = self.lower_memory_ty(elem)?;
        if matches!(to, ITy::Slice { .. }) {
            let help = "pass the slice itself";
            return self.refuse_ty(elem, "references to slices", help);
        }
        let to = Box::new(to);
        Some(ITy::Ref { to, mutable })
    }

    fn lower_ty_path(&mut self, ty: &hir::TypePath) -> Option<ITy> {
        if ty.qself.is_none()
            && let Some(known) = self.known_ty(&ty.path)
        {
            return Some(known);
        }
        if ty.qself.is_none()
            && let Some(item) = self.named_item(&ty.path)
        {
            return Some(item);
        }
        let last = ty.path.segments.last()?;
        let name = last.ident.to_string();
        if name == "char" && last.arguments.is_none() {
            return Some(ITy::Char);
        }
        if let Some(known) = self.std_ty(last) {
            if known == Some(ITy::Ordering) {
                self.ask(ty.span, Question::Ordering);
            }
            return known;
        }
        let help = match name.as_str() {
            "Vec" | "Box" | "VecDeque" => "pass its values as a slice, `&[T]` or `&mut [T]`",
            _ if ArrayName::from_name(&name).is_some() && !last.arguments.is_none() => {
                "arrays are parameters of the function itself; leave the type of a `let` out"
            }
            "Rc" | "Arc" if !last.arguments.is_none() => "pass what is in it: `&[T]`, `&T`",
            "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" => "pass its values as a slice",
            "String" | "str" => "pass its bytes as a slice, `&[u8]` or `&mut [u8]`",
            _ => return self.extern_ty(ty.span, &name),
        };
        let why = match name.as_str() {
            "str" => ": strings are no numbers",
            "Vec" | "Box" | "VecDeque" | "String" | "Rc" | "Arc" | "HashMap" | "BTreeMap"
            | "HashSet" | "BTreeSet" => ": it owns memory, and compiled code has none of its own",
            _ => "",
        };
        self.diags.report(
            Code::Type,
            last.ident.span(),
            format!("`{name}` cannot be captured by `#[jit]`{why}"),
            help,
        );
        None
    }

    /// `Option`, `Result` and `Ordering`. `None`: it is another type; `Some(None)`: reported.
    fn std_ty(&mut self, last: &hir::PathSegment) -> Option<Option<ITy>> {
        let args: Vec<&hir::Type> = match &last.arguments {
            hir::PathArguments::AngleBracketed(args) => (args.iter())
                .filter_map(|arg| match arg {
                    hir::GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        Some(match (last.ident.name.as_str(), args.as_slice()) {
            ("Option", [some]) => {
                let some = self.lower_ty(some);
                some.map(|some| ITy::Option(Box::new(some)))
            }
            ("Result", [ok, err]) => {
                let (ok, err) = (self.lower_ty(ok), self.lower_ty(err));
                ok.zip(err)
                    .map(|(ok, err)| ITy::Result(Box::new(ok), Box::new(err)))
            }
            ("Ordering", []) => Some(ITy::Ordering),
            _ => return None,
        })
    }

    /// The scalar type or type parameter that a path names, if it does.
    pub(super) fn known_ty(&self, path: &hir::Path) -> Option<ITy> {
        let mut segments = path.segments.iter().rev();
        let last = segments.next()?;
        if !last.arguments.is_none() {
            return None;
        }
        let name = last.ident.to_string();
        // `f64`, or `core::primitive::f64`.
        let qualified = path.segments.len() > 1;
        if qualified
            && segments
                .next()
                .is_none_or(|segment| segment.ident != "primitive")
        {
            return None;
        }
        let params = &self.current.type_params;
        if !qualified && let Some((_, meaning)) = params.iter().find(|(param, _)| *param == name) {
            return Some(meaning.clone());
        }
        ScalarTy::from_name(&name).map(ITy::Scalar)
    }
}

/// The first field that is of no type that structs may have, and that type.
fn unknown_field(info: &StructInfo) -> Option<(&str, &str)> {
    info.fields.iter().find_map(|(field, _, ty)| {
        let shown = match ty {
            TypeInfo::Unknown(name) => name,
            TypeInfo::Slice { mutable: false, .. } => "&[_]",
            TypeInfo::Slice { mutable: true, .. } => "&mut [_]",
            TypeInfo::Ref { mutable: false, .. } => "&_",
            TypeInfo::Ref { mutable: true, .. } => "&mut _",
            TypeInfo::Option(_) => "Option<_>",
            TypeInfo::Result(..) => "Result<_, _>",
            TypeInfo::Unit => "()",
            _ => return None,
        };
        Some((field.as_str(), shown))
    })
}
