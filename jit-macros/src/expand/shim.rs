//! From Rust's parameters and result to those of an entry point, by syntax: the mapping of "Calling convention" in ARCHITECTURE.md.

use hotloop_ir::ScalarTy;
use hotloop_ir::arrays::ArrayKind;
use hotloop_ir::frontend::into_target;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericArgument, PathArguments, Type};

use super::generics::Generics;
use super::ours::as_ours;
use crate::features::array_type;

/// How a value of a type is passed.
#[derive(Debug)]
enum Passing {
    /// By value.
    Scalar(TokenStream),
    /// By value, too: where there is compiled code, the type parameter is a scalar. Rust does not know that it may be copied.
    Param(TokenStream),
    /// As pointer and length.
    Slice { elem: TokenStream, mutable: bool },
    /// As a pointer.
    Ref { to: TokenStream, mutable: bool },
    /// The elements, one after the other.
    Tuple(Vec<Passing>),
    /// Whether there is something, and what.
    Option(Box<Passing>),
    /// Whether it is `Ok`, then what `Ok` has, then what `Err` has.
    Result(Box<Passing>, Box<Passing>),
    /// `()` in an `Option` or a `Result`: nothing.
    Unit,
    /// As a pointer to the caller's copy.
    Copy(TokenStream),
    /// An array of ndarray, taken apart.
    View {
        elem: TokenStream,
        n_dims: usize,
        mutable: bool,
        /// The function that takes it apart.
        parts: &'static str,
    },
    /// Not at all: closures, trait objects.
    No,
}

fn passing(ty: &Type, generics: &Generics) -> Passing {
    let own = || as_ours(ty.to_token_stream());
    if let Some(view) = view_passing(ty) {
        return view;
    }
    match ty {
        Type::Paren(ty) => passing(&ty.elem, generics),
        Type::Group(ty) => passing(&ty.elem, generics),
        Type::Path(path) if path.qself.is_none() => {
            if let Some(name) = path.path.get_ident() {
                if let Some(scalar) = ScalarTy::from_name(&name.to_string()) {
                    return Passing::Scalar(scalar_tokens(scalar));
                }
                if generics.types.contains(name) {
                    return Passing::Param(own());
                }
                if generics.closures.contains(name) {
                    return Passing::No;
                }
            }
            let payload = |ty: &Type| Box::new(payload_passing(ty, generics));
            if let Some([some]) = arguments_of(&path.path, "Option").as_deref() {
                return Passing::Option(payload(some));
            }
            if let Some([ok, err]) = arguments_of(&path.path, "Result").as_deref() {
                return Passing::Result(payload(ok), payload(err));
            }
            Passing::Copy(own())
        }
        Type::Reference(reference) => {
            let mutable = reference.mutability.is_some();
            match &*reference.elem {
                Type::Slice(slice) => Passing::Slice {
                    elem: as_ours(slice.elem.to_token_stream()),
                    mutable,
                },
                Type::TraitObject(_) | Type::ImplTrait(_) => Passing::No,
                Type::Path(path) if path.path.is_ident("str") => Passing::No,
                Type::Path(path)
                    if (path.path.get_ident())
                        .is_some_and(|name| generics.closures.contains(name)) =>
                {
                    Passing::No
                }
                to => Passing::Ref {
                    to: as_ours(to.to_token_stream()),
                    mutable,
                },
            }
        }
        Type::Tuple(tuple) => {
            let elems: Vec<_> = (tuple.elems.iter())
                .map(|elem| passing(elem, generics))
                .collect();
            if elems.iter().any(|elem| matches!(elem, Passing::No)) {
                Passing::No
            } else {
                Passing::Tuple(elems)
            }
        }
        Type::Path(_) | Type::Array(_) => Passing::Copy(own()),
        _ => Passing::No,
    }
}

/// How what is in an `Option` or a `Result` is passed.
fn payload_passing(ty: &Type, generics: &Generics) -> Passing {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Passing::Unit,
        ty => passing(ty, generics),
    }
}

/// How an array of ndarray is passed.
fn view_passing(ty: &Type) -> Option<Passing> {
    if !cfg!(feature = "ndarray") {
        return None;
    }
    let (array, by_ref) = match ty {
        Type::Reference(reference) => (
            array_type(&reference.elem)?,
            Some(reference.mutability.is_some()),
        ),
        _ => (array_type(ty)?, None),
    };
    let (mutable, parts) = match (array.kind, by_ref) {
        (ArrayKind::View, None) => (false, "view_parts"),
        (ArrayKind::ViewMut, None) => (true, "view_parts_mut"),
        (ArrayKind::ViewMut | ArrayKind::Owned, Some(true)) => (true, "array_parts_mut"),
        (_, Some(_)) => (false, "array_parts"),
        // Lowering has refused it.
        (ArrayKind::Owned, None) => return Some(Passing::No),
    };
    Some(Passing::View {
        elem: as_ours(array.elem.to_token_stream()),
        n_dims: array.n_dims,
        mutable,
        parts,
    })
}

/// A scalar type, by a path that nothing of the user's can shadow.
pub(super) fn scalar_tokens(scalar: ScalarTy) -> TokenStream {
    let name = format_ident!("{}", scalar.name());
    quote!(::core::primitive::#name)
}

/// The type arguments of `Option<..>`, `std::result::Result<..>` and the like, if the path is one.
fn arguments_of<'a>(path: &'a syn::Path, name: &str) -> Option<Vec<&'a Type>> {
    let last = path.segments.last()?;
    let is_std = match path.segments.len() {
        1 => true,
        3 => {
            let module = name.to_lowercase();
            let first = &path.segments[0].ident;
            (first == "std" || first == "core") && path.segments[1].ident == module
        }
        _ => false,
    };
    if !is_std || last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    (arguments.args.iter())
        .map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

/// The arguments of `call!`.
#[derive(Debug, Default)]
pub(super) struct Args {
    /// Statements before the call.
    pub(super) before: TokenStream,
    /// `type = value`, each.
    pub(super) args: Vec<TokenStream>,
    /// Whether something has no place in the calling convention: then rustc's body runs, and compiled callers have their own way.
    pub(super) impossible: bool,
    /// Whether a call may be declined: not if there are scalars alone (`hotloop_ir::optimize` knows that, too).
    pub(super) may_decline: bool,
    /// The parameters `impl Into<T>`.
    converted: Vec<Ident>,
    /// Those statements before the call that convert them.
    pub(super) conversions: TokenStream,
    n_parts: usize,
    n_arrays: usize,
}

/// A value that may not be there, taken apart into variables.
struct Parts {
    /// The variables.
    pattern: TokenStream,
    /// Their values, of a value that is there.
    some: TokenStream,
    /// Their values, if there is none.
    none: TokenStream,
}

impl Args {
    /// Adds a parameter: `place` is the expression for its value.
    fn push(&mut self, place: &TokenStream, ty: &Type, generics: &Generics) {
        self.push_passing(place, &passing(ty, generics));
    }

    /// Adds the parameter of this name.
    pub(super) fn push_param(&mut self, name: &Ident, param: &syn::FnArg, generics: &Generics) {
        let place = name.to_token_stream();
        match param {
            syn::FnArg::Typed(typed) => match into_target(&typed.ty) {
                Some(target) => self.push_converted(name, target, generics),
                None => self.push(&place, &typed.ty, generics),
            },
            syn::FnArg::Receiver(receiver) => match &receiver.kind {
                syn::ReceiverKind::Value => {
                    self.push_passing(&place, &Passing::Copy(quote!(Self)));
                }
                syn::ReceiverKind::Reference(_, _, mutability) => {
                    let mutable = mutability.is_some();
                    let to = quote!(Self);
                    self.push_passing(&place, &Passing::Ref { to, mutable });
                }
                syn::ReceiverKind::Typed(_, ty) => self.push(&place, ty, generics),
                _ => self.impossible = true,
            },
        }
    }

    /// Adds a parameter `impl Into<T>`, of which a number is converted before it is passed: what it is converted to is a number, too.
    fn push_converted(&mut self, name: &Ident, target: &Type, generics: &Generics) {
        let place = name.to_token_stream();
        let passing = passing(target, generics);
        match &passing {
            Passing::Scalar(ty) | Passing::Param(ty) => {
                // A method's body may need the number again, as it was given.
                self.before.extend(quote! {
                    let #place: #ty = ::core::convert::Into::into(::hotloop::__private::lend!(#place));
                });
                self.conversions.extend(quote! {
                    let #place: #ty = ::core::convert::Into::into(#place);
                });
                self.converted.push(name.clone());
                self.push_passing(&place, &passing);
            }
            _ => self.impossible = true,
        }
    }

    /// Whether what is given for each parameter `impl Into<T>` is a number; nothing if there are none.
    pub(super) fn are_numbers(&self) -> Option<TokenStream> {
        let converted = &self.converted;
        (!converted.is_empty()).then(|| quote!(#(::hotloop::__private::is_number(&#converted))&&*))
    }

    /// Where calls go that are declined, as an argument of `call!`.
    pub(super) fn declined(&self, way: TokenStream) -> Option<TokenStream> {
        self.may_decline.then(|| quote!(declined(#way)))
    }

    /// A result that is a reference is only for jitted callers, which contain the function.
    pub(super) fn check_output(&mut self, output: &syn::ReturnType) {
        if let syn::ReturnType::Type(_, ty) = output
            && has_reference(ty)
        {
            self.impossible = true;
        }
    }

    fn push_passing(&mut self, place: &TokenStream, passing: &Passing) {
        let usize = quote!(::core::primitive::usize);
        self.may_decline |= !matches!(passing, Passing::Scalar(_) | Passing::Param(_));
        match passing {
            Passing::Scalar(ty) => self.args.push(quote!(#ty = #place)),
            Passing::Param(ty) => {
                (self.args).push(quote!(#ty = ::hotloop::__private::lend!(#place)))
            }
            Passing::Slice { elem, mutable } => {
                let (pointer, method) = if *mutable {
                    (quote!(*mut), quote!(as_mut_ptr))
                } else {
                    (quote!(*const), quote!(as_ptr))
                };
                (self.args).push(quote!(#pointer #elem = <[_]>::#method(#place)));
                (self.args).push(quote!(#usize = <[_]>::len(#place)));
            }
            Passing::Ref { to, mutable: false } => {
                (self.args).push(quote!(*const #to = ::core::ptr::from_ref(#place)));
            }
            Passing::Ref { to, mutable: true } => {
                (self.args).push(quote!(*mut #to = ::core::ptr::from_mut(#place)));
            }
            Passing::Tuple(elems) => {
                for (index, elem) in elems.iter().enumerate() {
                    let index = syn::Index::from(index);
                    self.push_passing(&quote!(#place.#index), elem);
                }
            }
            Passing::Option(_) | Passing::Result(..) => {
                let lent = quote!(::hotloop::__private::lend!(#place));
                let Parts { pattern, some, .. } = self.parts(&lent, passing);
                self.before.extend(quote!(let #pattern = #some;));
            }
            Passing::Unit => {}
            Passing::View {
                elem,
                n_dims,
                mutable,
                parts,
            } => {
                let name = format_ident!("__hotloop_array_{}", self.n_arrays);
                self.n_arrays += 1;
                // What is passed stays the caller's, who needs it again if the call is declined; references are borrowed again anyway.
                let place = match *parts {
                    "view_parts" | "view_parts_mut" => quote!(::hotloop::__private::lend!(#place)),
                    _ => place.clone(),
                };
                let parts = format_ident!("{parts}");
                self.before.extend(quote! {
                    let #name = ::hotloop::__private::#parts::<_, _, #n_dims>(#place);
                });
                let pointer = if *mutable {
                    quote!(*mut)
                } else {
                    quote!(*const)
                };
                self.args.push(quote!(#pointer #elem = #name.memory));
                self.args.push(quote!(#usize = #name.n_elements));
                self.args.push(quote!(#usize = #name.offset));
                for field in ["lens", "strides"] {
                    let field = format_ident!("{field}");
                    for axis in 0..*n_dims {
                        let axis = syn::Index::from(axis);
                        self.args.push(quote!(#usize = #name.#field[#axis]));
                    }
                }
            }
            Passing::Copy(ty) => self.args.push(quote!(*const #ty = &raw const #place)),
            Passing::No => self.impossible = true,
        }
    }
}

impl Args {
    /// A name that no other part has.
    fn part(&mut self) -> Ident {
        self.n_parts += 1;
        format_ident!("__hotloop_part_{}", self.n_parts - 1)
    }

    /// Adds what is passed for a value that may not be there, in variables.
    fn parts(&mut self, place: &TokenStream, passing: &Passing) -> Parts {
        match passing {
            Passing::Scalar(ty) | Passing::Param(ty) | Passing::Copy(ty) => {
                let name = self.part();
                self.args.push(match passing {
                    Passing::Scalar(_) | Passing::Param(_) => {
                        quote!(::core::mem::MaybeUninit<#ty> = #name)
                    }
                    _ => quote!(*const #ty = #name.as_ptr()),
                });
                Parts {
                    pattern: name.to_token_stream(),
                    some: quote!(::core::mem::MaybeUninit::<#ty>::new(#place)),
                    none: quote!(::core::mem::MaybeUninit::<#ty>::zeroed()),
                }
            }
            Passing::Slice { elem, mutable } => {
                let (pointer, len) = (self.part(), self.part());
                let usize = quote!(::core::primitive::usize);
                let dangling = quote!(::core::ptr::NonNull::<#elem>::dangling().as_ptr());
                let (ty, method, dangling) = match mutable {
                    true => (quote!(*mut #elem), quote!(as_mut_ptr), dangling),
                    false => (
                        quote!(*const #elem),
                        quote!(as_ptr),
                        quote!(#dangling.cast_const()),
                    ),
                };
                self.args.push(quote!(#ty = #pointer));
                self.args.push(quote!(#usize = #len));
                Parts {
                    pattern: quote!((#len, #pointer)),
                    some: quote!((<[_]>::len(#place), <[_]>::#method(#place))),
                    none: quote!((0, #dangling)),
                }
            }
            Passing::Ref { to, mutable } => {
                let (name, nothing) = (self.part(), self.part());
                let (ty, method, nowhere) = match mutable {
                    true => (quote!(*mut #to), quote!(from_mut), quote!(as_mut_ptr)),
                    false => (quote!(*const #to), quote!(from_ref), quote!(as_ptr)),
                };
                // Compiled code may read what a reference points to where there is none.
                let mutability = mutable.then(|| quote!(mut));
                self.before.extend(quote! {
                    let #mutability #nothing = ::core::mem::MaybeUninit::<#to>::zeroed();
                });
                self.args.push(quote!(#ty = #name));
                Parts {
                    pattern: name.to_token_stream(),
                    some: quote!(::core::ptr::#method(#place)),
                    none: quote!(#nothing.#nowhere()),
                }
            }
            Passing::Tuple(elems) => {
                let parts: Vec<_> = (elems.iter().enumerate())
                    .map(|(index, elem)| {
                        let index = syn::Index::from(index);
                        self.parts(&quote!(#place.#index), elem)
                    })
                    .collect();
                let pattern = parts.iter().map(|part| &part.pattern);
                let some = parts.iter().map(|part| &part.some);
                let none = parts.iter().map(|part| &part.none);
                Parts {
                    pattern: quote!((#(#pattern,)*)),
                    some: quote!((#(#some,)*)),
                    none: quote!((#(#none,)*)),
                }
            }
            Passing::Option(inner) => {
                let flag = self.flag();
                let (name, found) = self.payload(inner);
                let Parts {
                    pattern,
                    some,
                    none,
                } = found;
                Parts {
                    pattern: quote!((#flag, #pattern)),
                    some: quote! {
                        match #place {
                            ::core::option::Option::Some(#name) => (true, #some),
                            ::core::option::Option::None => (false, #none),
                        }
                    },
                    none: quote!((false, #none)),
                }
            }
            Passing::Result(ok, err) => {
                let flag = self.flag();
                let (ok_name, ok) = self.payload(ok);
                let (err_name, err) = self.payload(err);
                let (ok_pattern, ok_some, ok_none) = (ok.pattern, ok.some, ok.none);
                let (err_pattern, err_some, err_none) = (err.pattern, err.some, err.none);
                Parts {
                    pattern: quote!((#flag, #ok_pattern, #err_pattern)),
                    some: quote! {
                        match #place {
                            ::core::result::Result::Ok(#ok_name) => (true, #ok_some, #err_none),
                            ::core::result::Result::Err(#err_name) => (false, #ok_none, #err_some),
                        }
                    },
                    none: quote!((false, #ok_none, #err_none)),
                }
            }
            Passing::Unit => Parts {
                pattern: quote!(()),
                some: quote!(()),
                none: quote!(()),
            },
            Passing::View { .. } | Passing::No => {
                self.impossible = true;
                Parts {
                    pattern: quote!(()),
                    some: quote!(()),
                    none: quote!(()),
                }
            }
        }
    }

    /// Adds the flag that says which variant there is.
    fn flag(&mut self) -> Ident {
        let flag = self.part();
        self.args.push(quote!(::core::primitive::bool = #flag));
        flag
    }

    /// The pattern for what is in an `Option` or a `Result`, and its parts.
    fn payload(&mut self, passing: &Passing) -> (TokenStream, Parts) {
        let name = match passing {
            Passing::Unit | Passing::View { .. } | Passing::No => quote!(_),
            _ => self.part().to_token_stream(),
        };
        let parts = self.parts(&name, passing);
        (name, parts)
    }
}

/// How many arguments and results the shim passes, `Some((2, 1))`: a macro sees how types are written, not what they mean, so an alias of an
/// `Option` would be passed in another way than compiled code takes it.
pub(super) fn convention(
    signature: &syn::Signature,
    generics: &Generics,
) -> Option<(usize, usize)> {
    let mut args = Args::default();
    let place = Ident::new("place", Span::call_site());
    for param in &signature.inputs {
        args.push_param(&place, param, generics);
    }
    args.check_output(&signature.output);
    if args.impossible {
        return None;
    }
    let (n_args, n_results) = (
        args.args.len(),
        Results::of(&signature.output, generics).leaves.len(),
    );
    Some((n_args, n_results))
}

/// Whether a reference is a part of a type, as it is written.
fn has_reference(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Paren(inner) => has_reference(&inner.elem),
        Type::Group(inner) => has_reference(&inner.elem),
        Type::Array(array) => has_reference(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(has_reference),
        Type::Path(path) => ["Option", "Result"].iter().any(|name| {
            let arguments = arguments_of(&path.path, name);
            arguments.is_some_and(|types| types.iter().any(|ty| has_reference(ty)))
        }),
        _ => false,
    }
}

/// The result of `call!`.
#[derive(Debug)]
pub(super) struct Results {
    /// `name: type`, each.
    pub(super) leaves: Vec<TokenStream>,
    /// How the result is made of them.
    pub(super) value: TokenStream,
}

impl Results {
    /// The result of a function with this output.
    pub(super) fn of(output: &syn::ReturnType, generics: &Generics) -> Self {
        let mut leaves = Vec::new();
        let value = match output {
            syn::ReturnType::Default => quote!([tuple]),
            syn::ReturnType::Type(_, ty) => value(ty, generics, &mut leaves),
        };
        Results { leaves, value }
    }
}

fn leaf(leaves: &mut Vec<TokenStream>, ty: &TokenStream) -> Ident {
    let name = format_ident!("__hotloop_{}", leaves.len());
    leaves.push(quote!(#name: #ty));
    name
}

/// The payload of an `Option` or `Result`: `()` is a `bool` there.
fn payload(ty: &Type, generics: &Generics, leaves: &mut Vec<TokenStream>) -> TokenStream {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            leaf(leaves, &quote!(::core::primitive::bool));
            quote!([tuple])
        }
        ty => value(ty, generics, leaves),
    }
}

fn value(ty: &Type, generics: &Generics, leaves: &mut Vec<TokenStream>) -> TokenStream {
    let flag = |leaves: &mut Vec<TokenStream>| leaf(leaves, &quote!(::core::primitive::bool));
    match ty {
        Type::Paren(ty) => return value(&ty.elem, generics, leaves),
        Type::Group(ty) => return value(&ty.elem, generics, leaves),
        Type::Tuple(tuple) => {
            let elems: Vec<_> = (tuple.elems.iter())
                .map(|elem| value(elem, generics, leaves))
                .collect();
            return quote!([tuple #(#elems)*]);
        }
        Type::Path(path) if path.qself.is_none() => {
            if let Some([some]) = arguments_of(&path.path, "Option").as_deref() {
                let flag = flag(leaves);
                let some = payload(some, generics, leaves);
                return quote!([option #flag #some]);
            }
            if let Some([ok, err]) = arguments_of(&path.path, "Result").as_deref() {
                let flag = flag(leaves);
                let ok = payload(ok, generics, leaves);
                let err = payload(err, generics, leaves);
                return quote!([result #flag #ok #err]);
            }
        }
        _ => {}
    }
    let ty = match passing(ty, generics) {
        Passing::Scalar(ty) | Passing::Param(ty) => ty,
        _ => as_ours(ty.to_token_stream()),
    };
    let name = leaf(leaves, &ty);
    quote!([leaf #name])
}
