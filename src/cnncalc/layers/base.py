"""The base class of layers."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import get_annotations
from typing import Any, ClassVar, Self, get_origin

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.fields import FieldInfo

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import NOTHING, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, whole_axis
from cnncalc.core.field import Field as ReceptiveField
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase

_GRIDS = ("(features)", "(C, L)", "(C, H, W)", "(C, D, H, W)")


class _OptionFields:
    """The options of a layer class, read from its annotations at the first access."""

    def __get__(self, layer: Layer | None, owner: type[Layer]) -> dict[str, FieldInfo]:
        return option_model(owner).model_fields


class Layer:
    """The rules of a layer: straight-line arithmetic on its inputs, which may be plain numbers, traced ones or arrays.

    Annotations declare the options, and pydantic checks them. The pydantic model of a class is built when the class is
    first used: a command needs a handful of the layer types and should not pay for all of them.

    Layers of one type with equal options are equal.
    """

    __slots__ = ("__dict__", "_hash")

    _hash: int

    traits: ClassVar[Traits] = Traits()
    """What the layer type has in common with others."""

    axes: ClassVar[int | None] = None
    """Number of spatial axes that the layer works on; None for any."""

    either: ClassVar[tuple[str, ...]] = ()
    """Options of which exactly one is given."""

    least_inputs: ClassVar[int] = 1
    most_inputs: ClassVar[int | None] = 1

    any_layout: ClassVar[bool] = False
    """Whether the rules also read maps with channels last; other layers take the first axis for the channels."""

    keeps_buffer: ClassVar[bool] = False
    """Whether the output is a view: the memory of the input under another shape."""

    last_axes: ClassVar[int] = 0
    """Number of last axes that every output sees completely."""

    in_heads: ClassVar[bool] = False
    """Whether every output depends on its own part of the features alone: those of a head, or of one gate."""

    mixing: ClassVar[Phrase] = Phrase("")
    """The reason why every output sees the whole input where `mixed_axes` are all there are."""

    per_axis_options: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "dilation", "output_padding")

    torch_order: ClassVar[tuple[str, ...]] = ()
    """What torch takes without names, in its order, with what follows from the input here; else what must be given."""

    natural_option: ClassVar[str | None] = None
    """The option that a bare value gives, as in `dropout: 0.5`, where none is required."""

    meanings: ClassVar[Mapping[str, Phrase]] = {}
    """The meanings of options by name; a class adds to those of its bases."""

    model_fields: ClassVar = _OptionFields()

    def __init__(self, **options: Any) -> None:
        """Check the options.

        Errors:  pydantic.ValidationError, Fault with wrong-option-length
        """
        self.__dict__.update(option_model(type(self))(**options).__dict__)
        self._expand_per_axis()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a layer cannot be changed; make another with model_copy(update={{{name!r}: ...}})")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:  # computed once: an analysis looks every layer up
            value = hash((type(self), *self.__dict__.values()))
            object.__setattr__(self, "_hash", value)
            return value

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def model_copy(self, update: Mapping[str, Any]) -> Self:
        """The same layer with other values, unchecked: so options can be traced numbers or arrays."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **update)
        return copy

    @classmethod
    def meaning(cls, option: str) -> Phrase:
        """The meaning of an option, or an empty phrase."""
        layers = (base for base in cls.__mro__ if issubclass(base, Layer))
        return next((layer.meanings[option] for layer in layers if option in layer.meanings), Phrase(""))

    @classmethod
    def bare_option(cls) -> str | None:
        """The option that a bare value gives: the only required one, or the natural one; None if there is neither."""
        required = [name for name, field in cls.model_fields.items() if field.is_required()]
        return cls.natural_option if not required else required[0] if len(required) == 1 else None

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of the options."""
        return option_model(cls).model_json_schema()

    def _expand_per_axis(self) -> None:
        """Expand options given once for all axes to one value per axis."""
        if self.axes is None:
            return
        values = self.__dict__
        for name in self.per_axis_options:
            given = values.get(name)
            if type(given) is tuple and len(given) != self.axes:
                require(
                    len(given) == 1,
                    "wrong-option-length",
                    "{option} has {given} numbers, but there {axes}",
                    option=name,
                    help=_length_remedy(name, given, self.axes),
                    given=len(given),
                    axes=Phrase("is 1 axis") if self.axes == 1 else Phrase("are {n} axes", n=self.axes),
                )
                values[name] = given * self.axes

    @property
    def counts_as(self) -> int:
        """Number of layers that it counts as: more than one for a stack of layers."""
        return 1

    # An override names the inputs of its layer; `*inputs: Any, **_: Any` is the signature that admits all overrides.

    def output(self, *inputs: Any, **_: Any) -> TensorSpec:
        """Shape and element type of the output; by default, those of the input."""
        first: TensorSpec = inputs[0]
        return first

    def weights(self, *inputs: Any, **_: Any) -> tuple[WeightSpec, ...]:
        """The stored weights, under torch's names."""
        return ()

    def ops(self, *inputs: Any, **_: Any) -> OpCount:
        """Operations for one image, by kind."""
        return NOTHING

    def windows(self, *inputs: Any, **_: Any) -> tuple[ReceptiveField, ...] | None:
        """The window of the outputs on every spatial axis of the input; None if the output is not a grid."""
        return tuple(ITSELF for _axis in inputs[0].spatial)

    def windows_of_each(self, *inputs: Any, **_: Any) -> tuple[tuple[ReceptiveField, ...] | None, ...] | None:
        """Windows in each of several inputs, None for one that only gives its extents; by default, the same in all."""
        return None

    def mixed_axes(self, x: Any) -> tuple[int, ...] | None:
        """Axes of the first input along which every output sees all positions; None if `windows` alone says it."""
        return None

    def global_by(self, *inputs: Any, **_: Any) -> str:
        """The reason why every output sees the whole input (`global pooling`), or an empty string."""
        return ""

    def options(self) -> dict[str, Any]:
        """Every option by name, with one number per axis."""
        return dict(self.__dict__)

    def grid(self, x: TensorSpec) -> TensorSpec:
        """The input, after a check that it has the axes that this layer works on.

        Errors:  wrong-rank
        """
        if self.axes is not None and len(x.shape) != self.axes + 1:
            raise Fault(
                "wrong-rank",
                "needs an input of shape {needed}, but receives {shape}",
                help=_rank_remedy(len(x.shape) - 1, self.axes),
                needed=_GRIDS[self.axes],
                shape=spell(x.shape),
            )
        return x


def _is_option(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is not ClassVar


def option_model(layer: type[Layer]) -> type[BaseModel]:
    """The pydantic model of a layer's options."""
    model = _MODELS.get(layer)
    if model is not None:
        return model
    options: dict[str, Any] = {
        name: (hint, getattr(layer, name, ...))
        for base in reversed(layer.__mro__[: layer.__mro__.index(Layer)])  # declarations of Layer itself are no options
        for name, hint in get_annotations(base).items()
        if _is_option(hint)
    }
    model = _MODELS[layer] = create_model(layer.__name__, __config__=_STRICT, __doc__=layer.__doc__, **options)
    return model


_MODELS: dict[type[Layer], type[BaseModel]] = {}
_STRICT = ConfigDict(extra="forbid", strict=True)


def _rank_remedy(given: int, needed: int) -> str:
    if given == 0:
        return Phrase("give it a map: move it before the flatten or global pooling, or reshape first")
    if needed == 0:
        return Phrase("put `flatten` or a global pooling layer before it")
    if given > 3:
        return Phrase("leave out the batch: no layer slides over {given} axes", given=given)
    if (given, needed) == (3, 2):
        return Phrase("leave out the first axis if it is the batch; else the 3-d variant of this layer fits this input")
    return Phrase("the {given}-d variant of this layer fits this input", given=given)


def _length_remedy(option: str, given: tuple[Any, ...], axes: int) -> str:
    """How to write a list of the wrong length, if it tells what is meant."""
    if not all(type(number) is int for number in given):
        return Phrase("give one number, or one per axis")
    if len(set(given)) == 1:
        return Phrase("write `{option}: {number}`", option=option, number=given[0])
    if option == "padding" and len(given) == 2 * axes:
        return pairs_remedy(option, given, axes)
    if len(given) == axes + 2 and 1 in (given[0], given[1]):  # TensorFlow: with the batch and the channels
        spatial = given[1:-1] if given[0] == given[-1] == 1 else given[2:] if given[0] == given[1] == 1 else None
        if spatial:
            return Phrase("write `{option}: {list}`, for the spatial axes only", option=option, list=list(spatial))
    return Phrase("give one number, or one per axis")


def pairs_remedy(option: str, given: tuple[int, ...], axes: int) -> str:
    """How to write rows before and after every axis that were given as one flat list."""
    in_turn = [list(given[axis : axis + 2]) for axis in range(0, 2 * axes, 2)]
    ends_last = [[given[axis], given[axes + axis]] for axis in range(axes)]
    if in_turn == ends_last:
        return Phrase("[before, after] of an axis is a pair: write `{option}: {pairs}`", option=option, pairs=in_turn)
    return Phrase(
        "[before, after] of an axis is a pair: write `{option}: {pairs}`, or `{others}` if all ends stand last",
        option=option,
        pairs=in_turn,
        others=ends_last,
    )


def check_sequences(*inputs: TensorSpec) -> None:
    """Require that all inputs are sequences."""
    for x in inputs:
        if len(x.shape) != 2:
            raise Fault(
                "wrong-rank",
                "needs a sequence of shape (length, features), but receives {shape}",
                help="of a map, `flatten` with start_dim 1 and `permute` with dims [1, 0] make a sequence",
                shape=spell(x.shape),
            )


def check_grid(x: TensorSpec) -> None:
    """Refuse an input that is a vector."""
    if not x.spatial:
        raise Fault(
            "wrong-rank",
            "needs a map or a sequence, but receives a vector of {features} features",
            help=_rank_remedy(0, 1),
            features=x.channels,
        )


def check_groups(channels: int, groups: int, what: str, option: str = "groups") -> None:
    """Require that the groups divide the channels."""
    require(
        channels % groups == 0,
        "groups-do-not-divide",
        "{groups} groups do not divide {channels} {what}",
        option=option,
        label="{channels} is not a multiple of {groups}",
        help="use a number of groups that divides {channels}",
        groups=groups,
        channels=channels,
        what=Phrase(what),
    )


def axis_of(dim: int, x: TensorSpec, option: str = "dim") -> int:
    """The axis of a `dim`, counted from 0; a negative `dim` counts from the end."""
    require(
        -len(x.shape) <= dim < len(x.shape),
        "no-such-axis",
        "axis {dim} does not exist in {shape}",
        option=option,
        help="axes count without the batch: 0 is the channels, the last is {last}",
        dim=dim,
        shape=spell(x.shape),
        last=len(x.shape) - 1,
    )
    return dim % len(x.shape)


def channel_axis(x: TensorSpec) -> int:
    """The axis of the channels."""
    return len(x.shape) - 1 if x.channels_last else 0


def windows_along(axes: tuple[int, ...], x: TensorSpec) -> tuple[ReceptiveField, ...]:
    """Windows on the spatial axes of a layer that mixes all positions along some axes."""
    spatial = [axis for axis in range(len(x.shape)) if axis != channel_axis(x)]
    return tuple(whole_axis(x.shape[axis]) if axis in axes else ITSELF for axis in spatial)
