//! `#[derive(JitType)]`.

use hotloop_ir::ScalarTy;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::describe::{describe, write};
use crate::options::Problem;

/// Replaces `#[derive(JitType)] struct Point<T> { x: T, y: T }` by
///
/// ```text
/// unsafe impl<T> ::hotloop::__private::JitType for Point<T> {
///     fn describe() -> TypeInfo {
///         describe_struct::<Self>(&[("x", offset_of!(Self, x), || describe_param::<T>()), ..])
///     }
///     fn write(&self, out: &mut ConstWriter) { .. }
/// }
/// ```
///
/// # Errors
///
/// If the type has what compiled code cannot use.
pub(crate) fn expand(input: &syn::DeriveInput) -> Result<TokenStream, Vec<Problem>> {
    let (describe, write) = match &input.data {
        syn::Data::Struct(data) => of_struct(input, data)?,
        syn::Data::Enum(data) => of_enum(input, data)?,
        syn::Data::Union(data) => {
            return Err(vec![Problem::new(
                data.union_token.span,
                "unions cannot be used by jitted functions",
                "make it a struct",
            )]);
        }
    };
    let name = &input.ident;
    let (generics, args, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        // SAFETY: size and alignment are rustc's own, as are the offsets of a struct's fields, and each field describes itself. Those of an enum's
        // fields follow from its `repr`, which defines them; that size and alignment come out as rustc's shows that it was the one that is seen here.
        #[automatically_derived]
        unsafe impl #generics ::hotloop::__private::JitType for #name #args #where_clause {
            fn describe() -> ::hotloop::__private::TypeInfo {
                #describe
            }

            #[allow(unused_variables)]
            fn write(&self, __hotloop_out: &mut ::hotloop::__private::ConstWriter) {
                #write
            }
        }
    })
}

/// `repr(..)`, as far as it matters here.
#[derive(Default)]
struct Repr {
    scalar: Option<ScalarTy>,
    is_c: bool,
    packed: Option<proc_macro2::Span>,
}

fn repr_of(input: &syn::DeriveInput) -> Repr {
    let mut repr = Repr::default();
    for attribute in &input.attrs {
        if !attribute.path().is_ident("repr") {
            continue;
        }
        // What cannot be read here, rustc reports.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                repr.packed = Some(meta.path.span());
            }
            repr.is_c |= meta.path.is_ident("C");
            if let Some(name) = meta.path.get_ident() {
                repr.scalar = repr
                    .scalar
                    .or(ScalarTy::from_name(&name.unraw().to_string()));
            }
            if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let _: TokenStream = content.parse()?;
            }
            Ok(())
        });
    }
    repr
}

fn of_struct(
    input: &syn::DeriveInput,
    data: &syn::DataStruct,
) -> Result<(TokenStream, TokenStream), Vec<Problem>> {
    if let Some(packed) = repr_of(input).packed {
        return Err(vec![Problem::new(
            packed,
            "packed structs cannot be used by jitted functions",
            "remove `packed`",
        )]);
    }
    let params: Vec<Ident> = (input.generics.type_params())
        .map(|param| param.ident.clone())
        .collect();
    let mut described = Vec::new();
    let mut written = TokenStream::new();
    for (index, field) in data.fields.iter().enumerate() {
        let member = match &field.ident {
            Some(name) => name.to_token_stream(),
            None => syn::Index::from(index).to_token_stream(),
        };
        let name = match &field.ident {
            Some(name) => name.unraw().to_string(),
            None => index.to_string(),
        };
        let offset = quote!(::core::mem::offset_of!(Self, #member));
        let ty = describe(&field.ty, &params);
        described.push(quote!((#name, #offset, || #ty)));
        let write = write(&quote!(self.#member), &field.ty, &params);
        written.extend(quote! {
            __hotloop_out.at(#offset, |__hotloop_out| { #write });
        });
    }
    let describe = quote!(::hotloop::__private::describe_struct::<Self>(&[#(#described),*]));
    Ok((describe, written))
}

fn of_enum(
    input: &syn::DeriveInput,
    data: &syn::DataEnum,
) -> Result<(TokenStream, TokenStream), Vec<Problem>> {
    if !data
        .variants
        .iter()
        .all(|variant| variant.fields.is_empty())
    {
        return of_data_enum(input, data);
    }
    let repr = scalar_tokens(repr_of(input).scalar);
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let names = variants.iter().map(|variant| variant.unraw().to_string());
    // Whether comparisons are derived, a derive cannot see; what they do, the values show.
    let describe = quote!({
        #[allow(unused_imports)]
        use ::hotloop::__private::{NoEquality as _, NoPartialOrder as _, NoTotalOrder as _};
        let __hotloop_values: &[(fn() -> Self, ::core::primitive::i128)] =
            &[#((|| Self::#variants, Self::#variants as ::core::primitive::i128)),*];
        let __hotloop_values = ::hotloop::__private::EnumValues(
            __hotloop_values,
            |__hotloop_value: Self| __hotloop_value as ::core::primitive::i128,
        );
        ::hotloop::__private::describe_enum::<Self>(
            #repr,
            &[#((#names, Self::#variants as ::core::primitive::i128)),*],
            (
                __hotloop_values.equality(),
                __hotloop_values.partial_order() && __hotloop_values.total_order(),
            ),
        )
    });
    if data.variants.is_empty() {
        let describe =
            quote!(::hotloop::__private::describe_enum::<Self>(#repr, &[], (true, true)));
        return Ok((describe, TokenStream::new()));
    }
    let write = quote! {
        let __hotloop_value = match self {
            #(Self::#variants { .. } => Self::#variants as ::core::primitive::i128,)*
        };
        __hotloop_out.scalar(__hotloop_value.cast_unsigned(), ::core::mem::size_of::<Self>());
    };
    Ok((describe, write))
}

/// An enum whose variants have fields.
fn of_data_enum(
    input: &syn::DeriveInput,
    data: &syn::DataEnum,
) -> Result<(TokenStream, TokenStream), Vec<Problem>> {
    let repr = repr_of(input);
    let is_laid_out = repr.is_c || repr.scalar.is_some();
    let params: Vec<Ident> = (input.generics.type_params())
        .map(|param| param.ident.clone())
        .collect();
    let tag = format_ident!("{}", repr.scalar.map_or("isize", ScalarTy::name));
    let mut found = Vec::new();
    let tag = quote!(::core::primitive::#tag);
    let (mut discriminants, mut described) = (TokenStream::new(), Vec::new());
    let mut arms = TokenStream::new();
    let mut previous: Option<Ident> = None;
    for (number, variant) in data.variants.iter().enumerate() {
        let discriminant = format_ident!("__HOTLOOP_{}", number);
        let value = match (&variant.discriminant, &previous) {
            (Some((_, value)), _) => value.to_token_stream(),
            (None, Some(previous)) => quote!(#previous + 1),
            (None, None) => quote!(0),
        };
        discriminants.extend(quote!(const #discriminant: #tag = #value;));
        previous = Some(discriminant.clone());
        let (mut fields, mut bound) = (Vec::new(), Vec::new());
        let (mut found_fields, mut samples) = (Vec::new(), Vec::new());
        let mut offsets = Vec::new();
        let mut written = TokenStream::new();
        for (index, field) in variant.fields.iter().enumerate() {
            let ty = &field.ty;
            let name = match &field.ident {
                Some(name) => name.unraw().to_string(),
                None => index.to_string(),
            };
            let described = describe(ty, &params);
            fields.push(quote! {
                (#name, ::core::mem::size_of::<#ty>(), ::core::mem::align_of::<#ty>(), || #described)
            });
            found_fields.push(quote!((#name, ::core::mem::size_of::<#ty>(), || #described)));
            let member = match &field.ident {
                Some(name) => name.to_token_stream(),
                None => syn::Index::from(index).to_token_stream(),
            };
            samples.push(quote! {
                #member: ::hotloop::__private::sample::<#ty>(__hotloop_tys.get(#index))?
            });
            let local = format_ident!("__hotloop_field_{}", index);
            offsets.push(quote!(::hotloop::__private::offset_in(__hotloop_value, #local)));
            let write = write(&quote!((*#local)), ty, &params);
            // Where the field is in this very value.
            written.extend(quote! {
                __hotloop_out.at(
                    ::hotloop::__private::offset_in(self, #local),
                    |__hotloop_out| { #write },
                );
            });
            bound.push(quote!(#member: #local));
        }
        let ident = &variant.ident;
        let name = ident.unraw().to_string();
        found.push(quote! {
            (
                #name,
                &[#(#found_fields),*],
                |__hotloop_tys| ::core::option::Option::Some(Self::#ident { #(#samples),* }),
                |__hotloop_value| match __hotloop_value {
                    Self::#ident { #(#bound),* } => ::hotloop::__private::Vec::from([#(#offsets),*]),
                    #[allow(unreachable_patterns)]
                    _ => ::hotloop::__private::Vec::new(),
                },
            )
        });
        described.push(quote! {
            (#name, #discriminant as ::core::primitive::i128, &[#(#fields),*])
        });
        arms.extend(quote! {
            Self::#ident { #(#bound),* } => {
                __hotloop_out.scalar(
                    (#discriminant as ::core::primitive::i128).cast_unsigned(),
                    __hotloop_tag,
                );
                #written
            }
        });
    }
    let (is_c, scalar) = (repr.is_c, scalar_tokens(repr.scalar));
    let describe = match is_laid_out {
        true => quote! {
            #discriminants
            ::hotloop::__private::describe_data_enum::<Self>((#is_c, #scalar), &[#(#described),*])
        },
        false => quote!(::hotloop::__private::describe_found_enum::<Self>(&[#(#found),*])),
    };
    // C's `int`, if there is no other; one byte of a tag that was found.
    let tag_size = match (repr.scalar, repr.is_c) {
        (Some(_), _) => quote!(::core::mem::size_of::<#tag>()),
        (None, true) => quote!(4),
        (None, false) => quote!(1),
    };
    let write = quote! {
        #discriminants
        let __hotloop_tag = #tag_size;
        match self { #arms }
    };
    Ok((describe, write))
}

/// `Some(ScalarTy::U8)`.
fn scalar_tokens(scalar: Option<ScalarTy>) -> TokenStream {
    match scalar {
        Some(scalar) => {
            let ty = format_ident!("{}", scalar_variant(scalar));
            quote!(::core::option::Option::Some(::hotloop::__private::ScalarTy::#ty))
        }
        None => quote!(::core::option::Option::None),
    }
}

/// The name of the variant of `ScalarTy`.
fn scalar_variant(scalar: ScalarTy) -> String {
    let name = scalar.name();
    name[..1].to_uppercase() + &name[1..]
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn problems(input: &syn::DeriveInput) -> Vec<String> {
        let problems = expand(input).err().unwrap_or_default();
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn a_generic_struct() {
        let input = parse_quote! {
            struct Point<'a, T: Copy> where T: Clone {
                x: T,
                r#type: [(T, u8); 4],
                all: &'a [T],
                other: Vec3<T>,
            }
        };
        let tokens = expand(&input).unwrap();
        insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(tokens).unwrap()));
    }

    #[test]
    fn an_enum_without_repr() {
        let input = parse_quote! {
            enum Shape<T> {
                Empty,
                Circle(T),
                Square { side: [T; 2], n: u8 },
            }
        };
        let tokens = expand(&input).unwrap();
        insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(tokens).unwrap()));
    }

    #[test]
    fn what_has_no_values_of_fixed_layout_is_refused() {
        assert_eq!(
            problems(&parse_quote!(
                union Bits {
                    a: f32,
                    b: u32,
                }
            )),
            ["unions cannot be used by jitted functions"]
        );
        assert_eq!(
            problems(&parse_quote!(
                #[repr(C, packed(2))]
                struct Packed {
                    a: f32,
                }
            )),
            ["packed structs cannot be used by jitted functions"]
        );
    }
}
