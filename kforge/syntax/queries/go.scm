; What the reader of Go looks at, by the kind of thing it is. Everything else is passed over.

(package_clause (package_identifier) @package)
(import_spec) @import
(short_var_declaration) @assignment
(assignment_statement) @assignment
(var_spec) @assignment
(const_spec) @assignment
(call_expression) @call
(composite_literal) @object
(binary_expression operator: "==") @comparison
(expression_switch_statement) @switch
(if_statement) @guard
(interpreted_string_literal) @text
(raw_string_literal) @text
(binary_expression operator: "+") @text
(function_declaration) @function
(method_declaration) @function
(type_spec type: (struct_type)) @class
(return_statement) @return
[(if_statement) (expression_case) (type_case) (communication_case) (default_case)] @branch
