package boot

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"keyward/pkg/app"
	"keyward/pkg/integration"
	"keyward/pkg/mailaddress"
	"keyward/pkg/operator"
)

// A Name is one of the eight functions.
type Name string

// The functions.
const (
	Operator     Name = "operator"
	Portal       Name = "portal"
	Intake       Name = "intake"
	Sweep        Name = "sweep"
	Validate     Name = "validate"
	Certificates Name = "certificates"
	Notify       Name = "notify"
	Feedback     Name = "feedback"
)

// Names are all of them.
func Names() []Name {
	return []Name{Operator, Portal, Intake, Sweep, Validate, Certificates, Notify, Feedback}
}

// An Env is what a function's environment tells it. Fields that it is not
// told are empty.
type Env struct {
	Stage    string
	LogLevel slog.Level
	Table    string

	UploadBucket, UploadKeyID string
	VaultPrefix, VaultKeyID   string

	IntakeQueue, ValidateQueue, CertificatesQueue, FeedbackQueue         string // URLs
	DeadIntake, DeadValidate, DeadCertificates, DeadFeedback             string // URLs of dead-letter queues
	DeadArrivals, DeadBounces                                            string // the same, of EventBridge's rules
	VendorName, VendorUser, Sender, SupportAddress, ConfigurationSet     string
	PublicURL, ConsoleURL, AppleURL, AppleEnterpriseURL                  string
	OriginSecret, OriginSecretBefore                                     string // the second is accepted, too, while they are exchanged
	SupportRole, AutomationRole, ExportRole, CanaryIntegration, ClockURL string
	logLevel                                                             string
}

// A variable is one of the environment's. The functions of must do not start
// without it, those of may do.
type variable struct {
	name  string
	field func(*Env) *string
	must  []Name
	may   []Name
}

func variables() []variable {
	all := Names()
	vault := []Name{Operator, Intake, Sweep, Validate, Certificates}
	apple := []Name{Intake, Validate, Certificates}
	return []variable{
		{"STAGE", func(e *Env) *string { return &e.Stage }, all, nil},
		{"TABLE_NAME", func(e *Env) *string { return &e.Table }, all, nil},
		{"LOG_LEVEL", func(e *Env) *string { return &e.logLevel }, nil, all},
		{"CLOCK_URL", func(e *Env) *string { return &e.ClockURL }, nil, all},
		{"UPLOAD_BUCKET", func(e *Env) *string { return &e.UploadBucket }, []Name{Portal, Intake, Sweep}, nil},
		{"UPLOAD_KEY_ID", func(e *Env) *string { return &e.UploadKeyID }, []Name{Portal}, nil},
		{"VAULT_PREFIX", func(e *Env) *string { return &e.VaultPrefix }, vault, nil},
		{"VAULT_KEY_ID", func(e *Env) *string { return &e.VaultKeyID }, []Name{Intake}, nil},
		{"INTAKE_QUEUE_URL", func(e *Env) *string { return &e.IntakeQueue }, []Name{Intake, Sweep}, nil},
		{"VALIDATE_QUEUE_URL", func(e *Env) *string { return &e.ValidateQueue }, []Name{Sweep}, nil},
		{"CERTIFICATES_QUEUE_URL", func(e *Env) *string { return &e.CertificatesQueue }, []Name{Sweep}, nil},
		{"FEEDBACK_QUEUE_URL", func(e *Env) *string { return &e.FeedbackQueue }, []Name{Sweep}, nil},
		{"DEAD_LETTER_INTAKE_URL", func(e *Env) *string { return &e.DeadIntake }, []Name{Sweep}, nil},
		{"DEAD_LETTER_VALIDATE_URL", func(e *Env) *string { return &e.DeadValidate }, []Name{Sweep}, nil},
		{"DEAD_LETTER_CERTIFICATES_URL", func(e *Env) *string { return &e.DeadCertificates }, []Name{Sweep}, nil},
		{"DEAD_LETTER_FEEDBACK_URL", func(e *Env) *string { return &e.DeadFeedback }, []Name{Sweep}, nil},
		{"DEAD_LETTER_ARRIVALS_URL", func(e *Env) *string { return &e.DeadArrivals }, []Name{Sweep}, nil},
		{"DEAD_LETTER_BOUNCES_URL", func(e *Env) *string { return &e.DeadBounces }, []Name{Sweep}, nil},
		{"VENDOR_NAME", func(e *Env) *string { return &e.VendorName }, []Name{Portal, Notify}, nil},
		{"SENDER", func(e *Env) *string { return &e.Sender }, []Name{Notify}, nil},
		{"SUPPORT_ADDRESS", func(e *Env) *string { return &e.SupportAddress }, []Name{Portal, Notify}, nil},
		{"CONFIGURATION_SET", func(e *Env) *string { return &e.ConfigurationSet }, []Name{Notify}, nil},
		{"PUBLIC_URL", func(e *Env) *string { return &e.PublicURL }, []Name{Notify}, []Name{Portal}},
		{"CONSOLE_URL", func(e *Env) *string { return &e.ConsoleURL }, nil, []Name{Notify}},
		{"ORIGIN_SECRET", func(e *Env) *string { return &e.OriginSecret }, nil, []Name{Portal}},
		{"ORIGIN_SECRET_BEFORE", func(e *Env) *string { return &e.OriginSecretBefore }, nil, []Name{Portal}},
		{"SUPPORT_ROLE_ARN", func(e *Env) *string { return &e.SupportRole }, []Name{Operator}, nil},
		{"AUTOMATION_ROLE_ARN", func(e *Env) *string { return &e.AutomationRole }, nil, []Name{Operator}},
		{"EXPORT_ROLE_ARN", func(e *Env) *string { return &e.ExportRole }, nil, []Name{Operator}},
		{"VENDOR_USER", func(e *Env) *string { return &e.VendorUser }, nil, []Name{Operator}},
		{"APPLE_URL", func(e *Env) *string { return &e.AppleURL }, nil, apple},
		{"APPLE_ENTERPRISE_URL", func(e *Env) *string { return &e.AppleEnterpriseURL }, nil, apple},
		{"CANARY_INTEGRATION", func(e *Env) *string { return &e.CanaryIntegration }, nil, []Name{Sweep, Validate}},
	}
}

// Variables are the names of what the function reads of its environment: what
// it must find there, and what it may.
func Variables(n Name) (must, may []string) {
	for _, v := range variables() {
		if slices.Contains(v.must, n) {
			must = append(must, v.name)
		}
		if slices.Contains(v.may, n) {
			may = append(may, v.name)
		}
	}
	return must, may
}

// Load reads the function's environment. Its error lists all that is missing
// or wrong.
func Load(n Name, getenv func(string) string) (Env, error) {
	var e Env
	var errs []error
	for _, v := range variables() {
		must := slices.Contains(v.must, n)
		if !must && !slices.Contains(v.may, n) {
			continue
		}
		*v.field(&e) = getenv(v.name)
		if must && getenv(v.name) == "" {
			errs = append(errs, errors.New(v.name+" is missing"))
		}
	}
	if e.VendorUser != "" {
		address, err := mailaddress.Parse(e.VendorUser)
		if err != nil {
			errs = append(errs, fmt.Errorf("VENDOR_USER: %w", err))
		}
		e.VendorUser = address
	}
	if e.logLevel != "" {
		if err := e.LogLevel.UnmarshalText([]byte(e.logLevel)); err != nil {
			errs = append(errs, errors.New("LOG_LEVEL is none of debug, info, warn and error"))
		}
	}
	if _, err := clockAddress(e.ClockURL); err != nil {
		errs = append(errs, err)
	}
	if _, err := e.roles(); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return Env{}, fmt.Errorf("environment of %s: %w", n, err)
	}
	return e, nil
}

// roles are the operator's, by ARN.
func (e Env) roles() (map[string]operator.Role, error) {
	roles := map[string]operator.Role{}
	for role, arn := range map[operator.Role]string{
		operator.Support: e.SupportRole, operator.Automation: e.AutomationRole, operator.Export: e.ExportRole,
	} {
		if _, taken := roles[arn]; taken {
			return nil, errors.New("one ARN cannot have two roles")
		}
		if arn != "" {
			roles[arn] = role
		}
	}
	return roles, nil
}

// Settings are what the functions are told of the vendor and its choices.
// Load has refused what is none.
func (e Env) Settings() app.Settings {
	user, err := integration.NewVendorUser(e.VendorUser)
	if err != nil {
		user = integration.VendorUser{}
	}
	roles, _ := e.roles()
	return app.Settings{
		Vendor:     app.Vendor{Name: e.VendorName, Support: e.SupportAddress, Sender: e.Sender, User: user},
		PublicURL:  strings.TrimSuffix(e.PublicURL, "/"), // Lambda's own URLs end with a slash
		ConsoleURL: e.ConsoleURL, Bucket: e.UploadBucket, Canary: integration.ID(e.CanaryIntegration), Roles: roles,
	}
}
