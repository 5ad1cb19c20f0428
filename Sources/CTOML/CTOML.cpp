#include "CTOML.h"

// Together with `key_is_too_long`, bounds how deep a document can be: toml++ frees tables recursively.
#define TOML_MAX_NESTED_VALUES 64
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ctoml_node {
    ctoml_kind kind = CTOML_TABLE;
    ctoml_position position{};
    std::string string;
    int64_t integer = 0;
    double floating = 0;
    bool boolean = false;
    struct entry {
        std::string key;
        ctoml_position key_position{};
        std::unique_ptr<ctoml_node> node;
    };
    std::vector<entry> entries;
};

struct ctoml_document {
    std::unique_ptr<ctoml_node> root;
    std::string error;
    ctoml_position error_position{};
};

namespace {

constexpr size_t max_key_parts = 64;

ctoml_position position_of(const toml::source_region &region) {
    return {static_cast<uint32_t>(region.begin.line), static_cast<uint32_t>(region.begin.column)};
}

template <typename T>
std::string printed(const T &value) {
    std::ostringstream stream;
    stream << value;
    return stream.str();
}

bool before(ctoml_position a, ctoml_position b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

std::unique_ptr<ctoml_node> convert(const toml::node &source) {
    auto node = std::make_unique<ctoml_node>();
    node->position = position_of(source.source());
    switch (source.type()) {
    case toml::node_type::table: {
        node->kind = CTOML_TABLE;
        const auto &table = *source.as_table();
        node->entries.reserve(table.size());
        for (auto &&[key, value] : table)
            node->entries.push_back({std::string(key.str()), position_of(key.source()), convert(value)});
        // toml++ sorts by name: put the entries back into the order of the file.
        std::stable_sort(node->entries.begin(), node->entries.end(), [](const auto &a, const auto &b) {
            return before(a.key_position, b.key_position);
        });
        break;
    }
    case toml::node_type::array: {
        node->kind = CTOML_ARRAY;
        const auto &array = *source.as_array();
        node->entries.reserve(array.size());
        for (const auto &element : array)
            node->entries.push_back({std::string(), {}, convert(element)});
        break;
    }
    case toml::node_type::string:
        node->kind = CTOML_STRING;
        node->string = source.as_string()->get();
        break;
    case toml::node_type::integer:
        node->kind = CTOML_INTEGER;
        node->integer = source.as_integer()->get();
        break;
    case toml::node_type::floating_point:
        node->kind = CTOML_FLOAT;
        node->floating = source.as_floating_point()->get();
        break;
    case toml::node_type::boolean:
        node->kind = CTOML_BOOLEAN;
        node->boolean = source.as_boolean()->get();
        break;
    case toml::node_type::date:
        node->kind = CTOML_DATE_OR_TIME;
        node->string = printed(source.as_date()->get());
        break;
    case toml::node_type::time:
        node->kind = CTOML_DATE_OR_TIME;
        node->string = printed(source.as_time()->get());
        break;
    case toml::node_type::date_time:
        node->kind = CTOML_DATE_OR_TIME;
        node->string = printed(source.as_date_time()->get());
        break;
    case toml::node_type::none:
        break;
    }
    return node;
}

/// Whether some dotted key has more parts than a document of ours may have; says where.
/// Strings and comments are passed over; what is not well-formed is left to the parser.
bool key_is_too_long(std::string_view text, ctoml_position &where) {
    size_t dots = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < text.size(); i++) {
        const char c = text[i];
        switch (c) {
        case '\n':
            line++;
            dots = 0;
            break;
        case '=':
        case ',':
        case '{':
            dots = 0;
            break;
        case '.':
            if (++dots >= max_key_parts) {
                where = {line, 1};
                return true;
            }
            break;
        case '#':
            while (i + 1 < text.size() && text[i + 1] != '\n')
                i++;
            break;
        case '"':
        case '\'': {
            const char triple[] = {c, c, c};
            const bool multi = text.substr(i, 3) == std::string_view(triple, 3);
            i += multi ? 3 : 1;
            while (i < text.size()) {
                if (text[i] == '\n') {
                    if (!multi)
                        break;
                    line++;
                } else if (text[i] == '\\' && c == '"') {
                    i++;
                    if (i < text.size() && text[i] == '\n')
                        line++;
                } else if (text[i] == c && (!multi || text.substr(i, 3) == std::string_view(triple, 3))) {
                    break;
                }
                i++;
            }
            if (multi)
                i += 2;
            else if (i < text.size() && text[i] == '\n')
                line++, dots = 0;
            break;
        }
        default:
            break;
        }
    }
    return false;
}

ctoml_string view(const std::string &string) {
    return {string.data(), string.size()};
}

} // namespace

ctoml_document *ctoml_parse(const char *bytes, size_t length) {
    auto *document = new (std::nothrow) ctoml_document();
    if (document == nullptr)
        return nullptr;
    try {
        const std::string_view text(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : length);
        if (key_is_too_long(text, document->error_position)) {
            document->error = "a dotted key has more than " + std::to_string(max_key_parts) + " parts";
            return document;
        }
        const toml::table table = toml::parse(text);
        document->root = convert(table);
    } catch (const toml::parse_error &error) {
        try {
            std::string_view message = error.description();
            if (constexpr std::string_view prefix = "Error while parsing "; message.starts_with(prefix))
                message.remove_prefix(prefix.size());
            document->error = std::string(message);
            document->error_position = position_of(error.source());
        } catch (...) {
            delete document;
            return nullptr;
        }
    } catch (const std::exception &error) {
        try {
            document->error = error.what();
        } catch (...) {
            delete document;
            return nullptr;
        }
    } catch (...) {
        delete document;
        return nullptr;
    }
    return document;
}

void ctoml_free(ctoml_document *document) {
    delete document;
}

const ctoml_node *ctoml_root(const ctoml_document *document) {
    return document->root.get();
}

ctoml_string ctoml_error_message(const ctoml_document *document) {
    return view(document->error);
}

ctoml_position ctoml_error_position(const ctoml_document *document) {
    return document->error_position;
}

ctoml_kind ctoml_node_kind(const ctoml_node *node) {
    return node->kind;
}

ctoml_position ctoml_node_position(const ctoml_node *node) {
    return node->position;
}

ctoml_string ctoml_node_string(const ctoml_node *node) {
    return view(node->string);
}

int64_t ctoml_node_integer(const ctoml_node *node) {
    return node->integer;
}

double ctoml_node_float(const ctoml_node *node) {
    return node->floating;
}

bool ctoml_node_boolean(const ctoml_node *node) {
    return node->boolean;
}

size_t ctoml_node_count(const ctoml_node *node) {
    return node->entries.size();
}

const ctoml_node *ctoml_node_child(const ctoml_node *node, size_t index) {
    return index < node->entries.size() ? node->entries[index].node.get() : nullptr;
}

ctoml_string ctoml_node_key(const ctoml_node *node, size_t index) {
    return index < node->entries.size() ? view(node->entries[index].key) : ctoml_string{"", 0};
}

ctoml_position ctoml_node_key_position(const ctoml_node *node, size_t index) {
    return index < node->entries.size() ? node->entries[index].key_position : ctoml_position{0, 0};
}
